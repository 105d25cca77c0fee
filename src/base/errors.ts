/** Every way Rota can say no, once: what the text is, and how HTTP and the shell repeat it. */

const codes = {
  CONDITION_UNREADABLE: { status: 422, exit: 2, text: 'The condition cannot be read.' },
  CONDITION_TOO_LONG: { status: 422, exit: 2, text: 'The condition is too long.' },
  CONDITION_NEVER: { status: 422, exit: 2, text: 'The condition can never become true.' },
  CONDITION_INCOMPLETE: { status: 422, exit: 2, text: 'The condition says when it may run, not how often.' },
  CONDITION_REFUSED: { status: 422, exit: 2, text: 'Parts of the condition do not go together.' },
  DATES_UNREADABLE: { status: 422, exit: 2, text: 'The list of dates cannot be read.' },
  TIMEZONE_UNKNOWN: { status: 422, exit: 2, text: 'No time zone has this name.' },
  DURATION_UNREADABLE: { status: 422, exit: 2, text: 'The duration cannot be read.' },
  INSTANT_UNREADABLE: { status: 422, exit: 2, text: 'The instant cannot be read.' },
  NAME_INVALID: { status: 422, exit: 2, text: 'The name is not valid.' },
  OPTION_INVALID: { status: 422, exit: 2, text: 'An option is not valid.' },
  INPUT_INVALID: { status: 422, exit: 2, text: 'The input does not fit the schema of the task.' },
  IMPORT_INVALID: { status: 422, exit: 2, text: 'The file of schedules cannot be imported.' },
  JSON_INVALID: { status: 400, exit: 2, text: 'This is not JSON.' },
  CURSOR_INVALID: { status: 400, exit: 2, text: 'The cursor is not one that a list gave.' },
  CONFIG_INVALID: { status: 500, exit: 2, text: 'The config file cannot be used.' },
  TASK_UNKNOWN: { status: 404, exit: 3, text: 'No task has this name.' },
  TASK_EXISTS: { status: 409, exit: 4, text: 'A task of this name exists already.' },
  SCHEDULE_UNKNOWN: { status: 404, exit: 3, text: 'No schedule has this name.' },
  SCHEDULE_EXISTS: { status: 409, exit: 4, text: 'A schedule of this name exists already.' },
  PREDICATE_UNKNOWN: { status: 422, exit: 3, text: 'No predicate has this name.' },
  PREDICATE_EXISTS: { status: 409, exit: 4, text: 'A predicate of this name exists already.' },
  CALENDAR_UNKNOWN: { status: 422, exit: 3, text: 'No set of dates has this name.' },
  DESTINATION_UNKNOWN: { status: 404, exit: 3, text: 'No destination of notices has this name.' },
  NOTICE_UNDELIVERED: { status: 502, exit: 1, text: 'The notice was not delivered.' },
  QUEUE_UNKNOWN: { status: 404, exit: 3, text: 'No queue has this name.' },
  SOURCE_UNKNOWN: { status: 404, exit: 3, text: 'No source has this name.' },
  RUN_UNKNOWN: { status: 404, exit: 3, text: 'No run has this number.' },
  FLOW_UNKNOWN: { status: 404, exit: 3, text: 'The run belongs to no flow.' },
  RUN_ALREADY_OVER: { status: 409, exit: 4, text: 'The run is already over.' },
  SECRET_UNKNOWN: { status: 422, exit: 2, text: 'There is no secret of this name.' },
  STATE_FULL: { status: 422, exit: 4, text: 'The state of the task is full.' },
  ANSWER_BROKEN: { status: 502, exit: 1, text: 'The answer is not what the source promised.' },
  ROUTE_UNKNOWN: { status: 404, exit: 3, text: 'There is nothing at this address.' },
  METHOD_REFUSED: { status: 405, exit: 2, text: 'This address does not take this method.' },
  HOST_REFUSED: { status: 421, exit: 2, text: 'This server does not answer for that host name.' },
  ORIGIN_REFUSED: { status: 403, exit: 2, text: 'A page of another origin may not ask for this.' },
  MEDIA_TYPE_REFUSED: { status: 415, exit: 2, text: 'Only application/json is read here.' },
  BODY_TOO_LARGE: { status: 413, exit: 2, text: 'The body is too large.' },
  STORE_UNUSABLE: { status: 503, exit: 5, text: 'The store cannot be used.' },
  STORE_FULL: { status: 503, exit: 5, text: 'The disk of the store is full.' },
  STORE_READ_ONLY: { status: 503, exit: 5, text: 'The store cannot be written.' },
  STORE_CORRUPT: { status: 503, exit: 5, text: 'The store is damaged.' },
  STORE_NEWER: { status: 503, exit: 5, text: 'The store was written by a newer Rota.' },
  STORE_IN_USE: { status: 409, exit: 4, text: 'The store is in use.' },
  STORE_AHEAD: { status: 409, exit: 4, text: 'The store holds more than the backup.' },
  BACKUP_UNUSABLE: { status: 422, exit: 2, text: 'The backup cannot be used.' },
  FILE_EXISTS: { status: 409, exit: 4, text: 'A file of this name exists already.' },
  TOO_MANY_LISTENERS: { status: 503, exit: 5, text: 'Too many event streams are open.' },
  PORT_TAKEN: { status: 500, exit: 5, text: 'The port is taken.' },
  ALREADY_STARTED: { status: 409, exit: 4, text: 'The app is already started.' },
  NOT_STARTED: { status: 409, exit: 4, text: 'The app is not started.' },
  STARTED_IN_WORK: {
    status: 500,
    exit: 2,
    text: 'No app is started where the work of a task is done.',
  },
  STOPPED: { status: 503, exit: 4, text: 'The app is stopped.' },
  INTERNAL: { status: 500, exit: 1, text: 'Something went wrong inside Rota.' },
} as const satisfies Record<string, { status: number; exit: number; text: string }>

export type ErrorCode = keyof typeof codes

/** Facts about an error as plain data: the value refused, its position, what to write instead. */
export type ErrorDetails = Readonly<Record<string, string | number | boolean | null | readonly string[]>>

/**
 * The one error class. `message` is for a person and says what was wrong and what to do next; `code` is for a program.
 *
 * @example
 * try { parse('every 5 bananas') } catch (error) { if (isRotaError(error, 'CONDITION_UNREADABLE')) … }
 */
export class RotaError extends Error {
  override readonly name = 'RotaError'
  readonly code: ErrorCode
  readonly details: ErrorDetails

  constructor(code: ErrorCode, message?: string, options: { details?: ErrorDetails; cause?: unknown } = {}) {
    super(message ?? codes[code].text, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.details = options.details ?? {}
  }

  /** The HTTP status that repeats this error. */
  get status(): number {
    return codes[this.code].status
  }

  /** The exit code of the program that ends with this error. */
  get exit(): number {
    return codes[this.code].exit
  }

  /** The general text of the code, the same for all errors of it. */
  get title(): string {
    return codes[this.code].text
  }
}

/** Whether a caught value is Rota's own error, and of this code when one is given. */
export const isRotaError = (value: unknown, code?: ErrorCode): value is RotaError =>
  value instanceof RotaError && (code === undefined || value.code === code)

/** Whether a caught value is an Error. Never throws, whatever was caught: a proxy may refuse even this question. */
export const isError = (value: unknown): value is Error => {
  try {
    return value instanceof Error
  } catch {
    return false
  }
}

/** A caught value as an Error: handlers may throw anything. */
export const asError = (thrown: unknown): Error => {
  if (isError(thrown)) return thrown
  return new Error(
    typeof thrown === 'string' ? thrown : `a value that is no Error was thrown: ${describeValue(thrown).slice(0, 200)}`,
  )
}

/** A value in words, as JSON where it has any. Never throws. */
export const describeValue = (value: unknown): string => {
  if (typeof value === 'string') return value
  try {
    return JSON.stringify(value) ?? String(value)
  } catch {
    return `a value of type ${typeof value}`
  }
}
