/**
 * One execution of a handler, from its input to its outcome. It touches no run: what becomes of the outcome is decided by
 * the run machine, inside the store's transaction.
 *
 * It is over when the handler settles, or `timeoutGrace` after its signal aborted: then the handler is abandoned, and what
 * it still says is not heard.
 */

import type { Clock } from '../base/clock.ts'
import type { Duration } from '../base/duration.ts'
import { formatDuration } from '../base/duration.ts'
import { RotaError } from '../base/errors.ts'
import type { Instant } from '../base/instant.ts'
import { toJson } from '../base/json.ts'
import type { Json } from '../base/json.ts'
import type { Log } from '../base/log.ts'
import { validate } from '../base/schema.ts'
import { GiveUp, RetryAfter, isPartial } from '../domain/outcome.ts'
import type { Outcome } from '../domain/outcome.ts'
import { nextAttemptAt } from '../domain/retry.ts'
import { runErrorOf } from '../domain/run.ts'
import type { FailReason, Run } from '../domain/run.ts'
import type { Context, Records, Task } from '../domain/task.ts'
import type { AbortCause } from './engine.ts'

export type AttemptEnd =
  | { readonly kind: 'outcome'; readonly outcome: Outcome; readonly abandoned: boolean }
  /** It was stopped, not finished: the run goes back. */
  | { readonly kind: 'given back'; readonly abandoned: boolean }

/** The reason of a handler's signal. */
export class Aborted extends Error {
  override readonly name = 'AbortError'
  /** What made it abort. */
  readonly why: AbortCause

  constructor(cause: AbortCause, message: string) {
    super(message)
    this.why = cause
  }
}

// Larger results belong into items or files; a run's row stays readable.
const LONGEST_RESULT = 1_000_000

export class Attempt {
  readonly run: Run
  readonly task: Task
  readonly #clock: Clock
  readonly #random: () => number
  readonly #controller = new AbortController()
  #cause: AbortCause | null = null
  #isOver = false
  #takeBackTimer: (() => void) | undefined
  #end: (end: AttemptEnd) => void = () => {}

  constructor(run: Run, task: Task, clock: Clock, random: () => number) {
    this.run = run
    this.task = task
    this.#clock = clock
    this.#random = random
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** Whether nothing that the handler still says is heard. */
  get isOver(): boolean {
    return this.#isOver
  }

  /** Executes the handler. Never rejects. */
  execute(log: Log, records: Records): Promise<AttemptEnd> {
    return new Promise(resolve => {
      this.#end = resolve
      this.#armTimeout()
      void this.#call(log, records)
    })
  }

  /** Aborts the handler's signal; after the task's grace the handler is abandoned. The first cause stands. */
  abort(cause: AbortCause): void {
    if (this.#cause !== null || this.#isOver) return
    this.#cause = cause
    this.#takeBackTimer?.()
    this.#takeBackTimer = this.#clock.callAfter(this.task.timeoutGrace, () => this.#over(this.#abandonedEnd()))
    this.#controller.abort(new Aborted(cause, this.#abortMessage(cause)))
  }

  #armTimeout(): void {
    const { timeout } = this.task
    if (timeout === null) return
    this.#takeBackTimer = this.#clock.callAfter(timeout, () => this.abort('timeout'))
  }

  /** The first end stands. */
  #over(end: AttemptEnd): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#takeBackTimer?.()
    this.#end(end)
  }

  async #call(log: Log, records: Records): Promise<void> {
    let input: unknown = this.run.input
    if (this.task.input !== null) {
      try {
        input = await validate(this.task.input, input)
      } catch (refused) {
        return this.#over(this.#failed('input', refused, null))
      }
    }
    try {
      this.#over(this.#returned(await this.task.handler(this.#context(input, log, records))))
    } catch (thrown) {
      this.#over(this.#threw(thrown))
    }
  }

  #context(input: unknown, log: Log, records: Records): Context {
    const { run } = this
    return {
      input,
      run: run.id,
      attempt: run.attempt,
      nominalAt: run.nominalAt,
      trigger: run.trigger,
      signal: this.#controller.signal,
      log,
      clock: this.#clock,
      records,
    }
  }

  #returned(returned: unknown): AttemptEnd {
    const value = isPartial(returned) ? returned.result : returned
    const result = asResult(value)
    if ('reason' in result) {
      const error = new RotaError(
        'OPTION_INVALID',
        `The result of '${this.task.name}' cannot be kept as JSON: ${result.reason}.`,
      )
      return this.#failed('error', error, null)
    }
    const outcome: Outcome = isPartial(returned)
      ? { kind: 'partial', result: result.value, detail: String(returned.detail).slice(0, 1_000) }
      : { kind: 'succeeded', result: result.value }
    return { kind: 'outcome', outcome, abandoned: false }
  }

  #threw(thrown: unknown): AttemptEnd {
    if (this.#cause === 'stopping' || this.#cause === 'fenced') return { kind: 'given back', abandoned: false }
    if (this.#cause === 'timeout') return this.#timedOut(false)
    if (this.#cause === 'cancelled' || thrown instanceof GiveUp) return this.#failed('error', thrown, null)
    if (thrown instanceof RetryAfter) {
      const outcome: Outcome = {
        kind: 'failed',
        reason: 'error',
        error: runErrorOf(thrown),
        retryAt: thrown.at,
        free: true,
      }
      return { kind: 'outcome', outcome, abandoned: false }
    }
    return this.#failed('error', thrown, this.#retryAt(thrown))
  }

  #abandonedEnd(): AttemptEnd {
    if (this.#cause === 'timeout') return this.#timedOut(true)
    if (this.#cause === 'cancelled') {
      const ended = this.#failed('error', new Error(this.#abortMessage('cancelled')), null)
      return { ...ended, abandoned: true }
    }
    return { kind: 'given back', abandoned: true }
  }

  #timedOut(abandoned: boolean): AttemptEnd {
    const error = new Error(this.#abortMessage('timeout'))
    error.name = 'Timeout'
    return { ...this.#failed('timeout', error, this.#retryAt(error)), abandoned }
  }

  #failed(reason: FailReason, thrown: unknown, retryAt: Instant | null): AttemptEnd {
    const outcome: Outcome = { kind: 'failed', reason, error: runErrorOf(thrown), retryAt, free: false }
    return { kind: 'outcome', outcome, abandoned: false }
  }

  #retryAt(error: unknown): Instant | null {
    // What the run may have counts (it was told to wait, or was given back), not only what its task says.
    const retry = { ...this.task.retry, attempts: this.run.attemptsAllowed }
    return nextAttemptAt(retry, { attempt: this.run.attempt, error, at: this.#clock.now() }, this.#random)
  }

  #abortMessage(cause: AbortCause): string {
    switch (cause) {
      case 'timeout':
        return `'${this.task.name}' took longer than its timeout of ${formatDuration(this.task.timeout as Duration)}`
      case 'cancelled':
        return 'the run was cancelled'
      case 'stopping':
        return 'this worker stops'
      case 'fenced':
        return 'another worker has taken the run over'
      default:
        return cause satisfies never
    }
  }
}

// The copy also cuts the tie to objects that the handler may go on changing.
const asResult = (value: unknown): { readonly value: Json } | { readonly reason: string } => {
  if (value === undefined || value === null) return { value: null }
  const written = toJson(value, LONGEST_RESULT)
  return 'reason' in written ? written : { value: JSON.parse(written.text) as Json }
}
