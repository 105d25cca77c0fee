/**
 * Custom predicates: asked outside transactions, with a deadline of their own, at most once at a time. An answer is good for
 * some seconds. One that throws, hangs or is not known here is false, is told, and harms nothing else.
 */

import type { Clock } from '../base/clock.ts'
import { duration, formatDuration, parseDuration } from '../base/duration.ts'
import type { Duration, DurationInput } from '../base/duration.ts'
import { RotaError, asError } from '../base/errors.ts'
import { instant } from '../base/instant.ts'
import type { Instant } from '../base/instant.ts'
import type { LogFields, LogLevel } from '../base/log.ts'
import { refuseUnknownOptions } from '../base/options.ts'

/** Says whether something is so now; the signal aborts at its deadline and when the app stops. */
export type Predicate = (signal: AbortSignal) => boolean | Promise<boolean>

export interface PredicateOptions {
  /** How long it may take to answer. Default 5 s. */
  readonly timeout?: DurationInput
}

/** How a predicate answered last. */
export interface Answer {
  readonly at: Instant
  readonly holds: boolean
  /** Why there was no answer, in words. */
  readonly problem: string | null
}

interface Registered {
  readonly ask: Predicate
  readonly timeout: Duration
}

const VALID_FOR = duration(5_000)
const DEFAULT_TIMEOUT = '5 s'
const LONGEST_NAME = 100

export class Predicates {
  readonly #registered = new Map<string, Registered>()
  readonly #answers = new Map<string, Answer>()
  readonly #asking = new Map<string, Promise<void>>()
  readonly #stopped = new AbortController()

  /** @throws RotaError NAME_INVALID, OPTION_INVALID, TASK_EXISTS when there is one of this name */
  register(name: string, ask: Predicate, options: PredicateOptions = {}): void {
    refuseUnknownOptions(`The predicate '${name}'`, options, ['timeout'])
    if (typeof name !== 'string' || name === '' || name.length > LONGEST_NAME || /\p{Cc}/u.test(name)) {
      throw new RotaError(
        'NAME_INVALID',
        `A predicate is named by 1 to ${LONGEST_NAME} characters, such as 'disk is free'.`,
      )
    }
    if (this.#registered.has(name)) throw new RotaError('PREDICATE_EXISTS', `There is a predicate '${name}' already.`)
    this.#registered.set(name, { ask, timeout: parseDuration(options.timeout ?? DEFAULT_TIMEOUT) })
  }

  has(name: string): boolean {
    return this.#registered.has(name)
  }

  names(): Iterable<string> {
    return this.#registered.keys()
  }

  /** The answers that are good at `at`. */
  answers(at: Instant): Readonly<Record<string, boolean>> {
    const good: Record<string, boolean> = {}
    for (const [name, answer] of this.#answers) if (isGood(answer, at)) good[name] = answer.holds
    return good
  }

  /** How it answered last, however long ago. */
  last(name: string): Answer | undefined {
    return this.#answers.get(name)
  }

  /** What it said is not so any more, or may not be. */
  forget(name: string): void {
    this.#answers.delete(name)
  }

  /** Asks, and remembers the answer. Whoever asks meanwhile waits for the same one. Never rejects. */
  ask(
    name: string,
    clock: Clock,
    noticed: (level: LogLevel, message: string, fields: LogFields) => void,
  ): Promise<void> {
    const known = this.#asking.get(name)
    if (known !== undefined) return known
    const asking = this.#answerOf(name, clock).then(answer => {
      const before = this.#answers.get(name)?.problem ?? null
      if (answer.problem !== null && answer.problem !== before) {
        noticed('warn', 'a predicate gave no answer; it counts as false', { predicate: name, why: answer.problem })
      }
      this.#answers.set(name, answer)
      this.#asking.delete(name)
    })
    this.#asking.set(name, asking)
    return asking
  }

  /** Whoever is asked still is asked to give up. */
  stop(): void {
    this.#stopped.abort(new RotaError('STOPPED'))
  }

  async #answerOf(name: string, clock: Clock): Promise<Answer> {
    const registered = this.#registered.get(name)
    if (registered === undefined) {
      return { at: clock.now(), holds: false, problem: 'no predicate of this name is registered in this process' }
    }
    const { ask, timeout } = registered
    const late = new AbortController()
    const takeBack = clock.callAfter(timeout, () =>
      late.abort(new Error(`it did not answer within ${formatDuration(timeout)}`)),
    )
    const signal = AbortSignal.any([late.signal, this.#stopped.signal])
    try {
      const holds = await Promise.race([Promise.resolve(signal).then(ask), aborted(signal)])
      return { at: clock.now(), holds: Boolean(holds), problem: null }
    } catch (error) {
      return { at: clock.now(), holds: false, problem: asError(error).message.slice(0, 500) }
    } finally {
      takeBack()
    }
  }
}

const isGood = ({ at }: Answer, now: Instant): boolean => now >= at && now <= instant(at + VALID_FOR)

const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    if (signal.aborted) reject(asError(signal.reason))
    signal.addEventListener('abort', () => reject(asError(signal.reason)), { once: true })
  })
