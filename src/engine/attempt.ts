/**
 * One execution of a handler, from its input to its outcome. It touches no run: what becomes of the outcome is decided by
 * the run machine, inside the store's transaction.
 *
 * It is over when the handler has settled and its cleanups are done, or `timeoutGrace` after its signal aborted: then work
 * that is isolated is killed, and what cannot be killed is abandoned: what it still says is not heard.
 */

import type { Clock } from '../base/clock.ts'
import type { Duration } from '../base/duration.ts'
import { duration, formatDuration } from '../base/duration.ts'
import { RotaError } from '../base/errors.ts'
import { instant } from '../base/instant.ts'
import type { Instant } from '../base/instant.ts'
import type { Json } from '../base/json.ts'
import { validate } from '../base/schema.ts'
import type { Isolated } from '../domain/isolation.ts'
import { GiveUp, RetryAfter, isPartial } from '../domain/outcome.ts'
import type { Outcome } from '../domain/outcome.ts'
import { nextAttemptAt } from '../domain/retry.ts'
import { runErrorOf } from '../domain/run.ts'
import type { FailReason, Run } from '../domain/run.ts'
import type { Task } from '../domain/task.ts'
import { Aborted } from './aborted.ts'
import { silence, withLogOf } from './current-log.ts'
import type { Logging } from './current-log.ts'
import { Deferred } from './deferred.ts'
import type { AbortCause } from './engine.ts'
import { HandlerContext } from './handler-context.ts'
import type { Owner, Surroundings } from './handler-context.ts'
import type { Execution } from './isolation/isolation.ts'
import type { Isolations } from './isolation/isolations.ts'
import { Unkept, resultText } from './result.ts'

export type AttemptEnd =
  | { readonly kind: 'outcome'; readonly outcome: Outcome; readonly abandoned: boolean }
  /** It was stopped, not finished: the run goes back. */
  | { readonly kind: 'given back'; readonly abandoned: boolean }

// What was killed and does not go by then (it hangs in the kernel) is abandoned as well.
const KILL_GRACE = duration(5_000)

export class Attempt implements Owner {
  readonly run: Run
  readonly task: Task
  readonly clock: Clock
  readonly #random: () => number
  readonly #isolations: Isolations
  // Made when somebody asks for it: most handlers do not.
  #controller: AbortController | null = null
  #deferred: Deferred | null = null
  #logging: Logging = silence
  #cause: AbortCause | null = null
  #isSettled = false
  #isOver = false
  #execution: Execution | null = null
  #takeBackTimer: (() => void) | undefined
  #end: (end: AttemptEnd) => void = nobody

  constructor(run: Run, task: Task, clock: Clock, random: () => number, isolations: Isolations) {
    this.run = run
    this.task = task
    this.clock = clock
    this.#random = random
    this.#isolations = isolations
  }

  get signal(): AbortSignal {
    if (this.#controller === null) {
      this.#controller = new AbortController()
      if (this.#cause !== null) this.#controller.abort(this.#aborted(this.#cause))
    }
    return this.#controller.signal
  }

  /** What the thread or child process of its work used at the end, in MiB; null where it had none, or was killed. */
  get memoryMb(): number | null {
    const used = this.#execution?.memoryMb?.() ?? null
    // Where nothing could be handed over nothing was used.
    return used === null || used === 0 ? null : Math.round(used)
  }

  /** Whether nothing that the handler still says is heard. */
  get isOver(): boolean {
    return this.#isOver
  }

  /** Calls this when the handler is over. */
  defer(cleanup: () => unknown): void {
    this.#deferred ??= new Deferred()
    this.#deferred.add(cleanup)
  }

  /** Executes the handler. `ended` is told once how that ended: it must not throw. */
  execute(around: Surroundings, ended: (end: AttemptEnd) => void): void {
    this.#end = ended
    this.#logging = around
    if (this.#deadline !== null && this.#deadline <= this.clock.now()) return this.#over(this.#pastDeadline(false))
    this.#armTimeout()
    void this.#call(around)
  }

  /** Aborts the handler's signal; after the task's grace it is ended by force or abandoned. The first cause stands. */
  abort(cause: AbortCause): void {
    if (this.#cause !== null || this.#isSettled) return
    this.#cause = cause
    this.#takeBackTimer?.()
    this.#takeBackTimer = this.clock.callAfter(this.task.timeoutGrace, () => this.#force())
    this.#controller?.abort(this.#aborted(cause))
  }

  #aborted(cause: AbortCause): Aborted {
    return new Aborted(cause, this.#abortMessage(cause))
  }

  #throwIfAborted(): void {
    if (this.#cause !== null) throw this.#aborted(this.#cause)
  }

  #force(): void {
    const execution = this.#execution
    if (execution === null) return this.#over(this.#abandonedEnd())
    this.#takeBackTimer = this.clock.callAfter(KILL_GRACE, () => this.#over(this.#abandonedEnd()))
    this.#logging.log.warn(
      `it did not end within ${formatDuration(this.task.timeoutGrace)} of its signal, and was killed`,
    )
    void execution.kill()
  }

  #armTimeout(): void {
    // Who was told to end already has its grace alone.
    if (this.#cause !== null) return
    const { timeout } = this.task
    const deadline = this.#deadline
    const left = deadline === null ? Infinity : deadline - this.clock.now()
    if (timeout !== null && timeout < left) {
      this.#takeBackTimer = this.clock.callAfter(timeout, () => this.abort('timeout'))
    } else if (left !== Infinity) {
      this.#takeBackTimer = this.clock.callAfter(duration(left), () => this.abort('deadline'))
    }
  }

  /** When the whole run must be over. */
  get #deadline(): Instant | null {
    const { deadline } = this.task
    return deadline === null || this.run.startedAt === null ? null : instant(this.run.startedAt + deadline)
  }

  /** The first end stands. It is told once the cleanups are done. */
  #over(end: AttemptEnd): void {
    if (this.#isSettled) return
    this.#isSettled = true
    this.#takeBackTimer?.()
    if (this.#deferred === null) return this.#tell(end)
    this.#isOver = end.abandoned
    void this.#cleanUp(this.#deferred).then(() => this.#tell(end))
  }

  // Until the end is recorded it stays in memory: what it worked with need not.
  #tell(end: AttemptEnd): void {
    this.#isOver = true
    this.#logging = silence
    this.#end(end)
    this.#end = nobody
  }

  async #call(around: Surroundings): Promise<void> {
    let input: unknown = this.run.input
    if (this.task.input !== null) {
      try {
        input = await validate(this.task.input, input)
      } catch (refused) {
        return this.#over(this.#failed('input', refused, null))
      }
    }
    try {
      // What was told to end before it began does not begin.
      this.#throwIfAborted()
      this.#over(this.#returned(await this.#work(new HandlerContext(input, this, around))))
    } catch (thrown) {
      this.#over(this.#threw(thrown))
    }
  }

  #work(context: HandlerContext): unknown {
    const { handler } = this.task
    return typeof handler === 'function' ? withLogOf(context, () => handler(context)) : this.#isolated(handler, context)
  }

  async #isolated(work: Isolated, context: HandlerContext): Promise<unknown> {
    const isolation = await this.#isolations.of(work)
    this.#throwIfAborted()
    this.#execution = isolation.begin(work, context, this.task.timeoutGrace)
    return this.#execution.settled
  }

  #cleanUp(deferred: Deferred): Promise<void> {
    const logging = this.#logging
    return withLogOf(logging, () => deferred.run(this.clock, this.task.timeoutGrace, logging.log))
  }

  #returned(returned: unknown): AttemptEnd {
    if (isPartial(returned)) {
      const detail = String(returned.detail).slice(0, 1_000)
      return ended({ kind: 'partial', result: asResult(returned.result), detail })
    }
    return ended({ kind: 'succeeded', result: asResult(returned) })
  }

  #threw(thrown: unknown): AttemptEnd {
    if (this.#cause === 'stopping' || this.#cause === 'fenced') return { kind: 'given back', abandoned: false }
    if (this.#cause === 'timeout') return this.#timedOut(false)
    if (this.#cause === 'deadline') return this.#pastDeadline(false)
    if (thrown instanceof Unkept) return this.#failed('error', this.#unkept(thrown), null)
    if (this.#cause === 'cancelled' || thrown instanceof GiveUp) return this.#failed('error', thrown, null)
    if (thrown instanceof RetryAfter) return this.#failed('error', thrown, thrown.at, true)
    return this.#failed('error', thrown, this.#retryAt(thrown))
  }

  #unkept({ message }: Unkept): RotaError {
    return new RotaError('OPTION_INVALID', `The result of '${this.task.name}' cannot be kept as JSON: ${message}.`)
  }

  #abandonedEnd(): AttemptEnd {
    if (this.#cause === 'timeout') return this.#timedOut(true)
    if (this.#cause === 'deadline') return this.#pastDeadline(true)
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

  #pastDeadline(abandoned: boolean): AttemptEnd {
    const error = new Error(this.#abortMessage('deadline'))
    error.name = 'Deadline'
    return { ...this.#failed('deadline', error, null), abandoned }
  }

  #failed(reason: FailReason, thrown: unknown, retryAt: Instant | null, free = false): AttemptEnd {
    const error = runErrorOf(thrown)
    // An attempt that could only begin after the deadline is none.
    if (retryAt !== null && this.#deadline !== null && retryAt >= this.#deadline)
      return ended({ kind: 'failed', reason: 'deadline', error, retryAt: null, free: false })
    return ended({ kind: 'failed', reason, error, retryAt, free })
  }

  #retryAt(error: unknown): Instant | null {
    // What the run may have counts (it was told to wait, or was given back), not only what its task says.
    const retry = { ...this.task.retry, attempts: this.run.attemptsAllowed }
    return nextAttemptAt(retry, { attempt: this.run.attempt, error, at: this.clock.now() }, this.#random)
  }

  #abortMessage(cause: AbortCause): string {
    switch (cause) {
      case 'timeout':
        return `'${this.task.name}' took longer than its timeout of ${formatDuration(this.task.timeout as Duration)}`
      case 'deadline':
        return `'${this.task.name}' was not over within its deadline of ${formatDuration(this.task.deadline as Duration)}`
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

const nobody = (): void => {}

const ended = (outcome: Outcome): AttemptEnd => ({ kind: 'outcome', outcome, abandoned: false })

// The copy also cuts the tie to objects that the handler may go on changing.
const asResult = (value: unknown): Json =>
  value === undefined || value === null ? null : (JSON.parse(resultText(value)) as Json)
