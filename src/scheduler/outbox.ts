/**
 * Empties the outbox: sends what waits for the destinations that this process knows, one at a time for each and in order, and
 * looks after what time alone makes worth telling. Asleep until something is written or due.
 *
 * A notice may come twice, after a crash between its sending and its record; its id says so.
 */

import type { Clock } from '../base/clock.ts'
import { duration, formatDuration } from '../base/duration.ts'
import { RotaError, asError } from '../base/errors.ts'
import { neutral } from '../base/foreign.ts'
import { instant } from '../base/instant.ts'
import type { Instant } from '../base/instant.ts'
import type { LogFields, LogLevel } from '../base/log.ts'
import { backoff, noRetry } from '../domain/retry.ts'
import type { Retry } from '../domain/retry.ts'
import type { WorkerId } from '../domain/run.ts'
import type { GroupCommit } from '../store/group-commit.ts'
import type { NoticeOutcome, Store, StoredNotice } from '../store/store.ts'
import type { Destination, Sent } from './destinations/destination.ts'

export interface OutboxOptions {
  readonly store: Store
  readonly group: GroupCommit
  readonly clock: Clock
  readonly worker: WorkerId
  /** Numbers in [0, 1), for the jitter of tries. */
  readonly random: () => number
  readonly destinations: ReadonlyMap<string, Destination>
  readonly listener: OutboxListener
}

export interface OutboxListener {
  noticed(level: LogLevel, message: string, fields: LogFields): void
  gaveUp(notice: StoredNotice): void
}

// Tries go on for a day; see the store's change `watch`.
const tries: Retry = { ...noRetry, first: duration(5_000), longest: duration(900_000) }
const MOST_AT_ONCE = 8
const PAUSE_AFTER_TROUBLE = duration(5_000)
const LONGEST_PROBLEM = 300

export class Outbox {
  readonly #options: OutboxOptions
  readonly #stopping = new AbortController()
  readonly #sending = new Map<string, Promise<void>>()
  #takeBack: () => void = () => {}
  #isLooking = false
  #mustLookAgain = false

  constructor(options: OutboxOptions) {
    this.#options = options
  }

  /** Something may have been written, or be due. */
  wake(): void {
    void this.#look()
  }

  /** Nothing is sent any more; what is being sent is broken off, and is sent again at the next start. */
  async stop(): Promise<void> {
    this.#takeBack()
    this.#stopping.abort(new RotaError('STOPPED'))
    await Promise.all(this.#sending.values())
  }

  async #look(): Promise<void> {
    if (this.#isStopped) return
    this.#mustLookAgain = this.#isLooking
    if (this.#isLooking) return
    this.#isLooking = true
    this.#takeBack()
    try {
      let next: Instant | null
      do {
        this.#mustLookAgain = false
        next = await this.#work()
      } while (this.#mustLookAgain && !this.#isStopped)
      this.#sleepUntil(next)
    } catch (error) {
      this.#trouble(error)
    } finally {
      this.#isLooking = false
    }
  }

  /** Does what is due, and gives when something will be. */
  async #work(): Promise<Instant | null> {
    const { store, clock } = this.#options
    for (;;) {
      const free = this.#free()
      const next = await store.nextNoticeAt(free)
      const now = clock.now()
      const isWatchDue = next.watch !== null && next.watch <= now
      const isDeliveryDue = next.delivery !== null && next.delivery <= now
      if (this.#isStopped || !(isWatchDue || isDeliveryDue)) return sooner(next.watch, next.delivery)
      if (isWatchDue) await this.#watch(now)
      if (isDeliveryDue) await this.#claim(free, now)
    }
  }

  #free(): readonly string[] {
    const free = [...this.#options.destinations.keys()].filter(name => !this.#sending.has(name))
    return free.slice(0, MOST_AT_ONCE - this.#sending.size)
  }

  async #watch(at: Instant): Promise<void> {
    for (const notice of await this.#options.group.apply({ kind: 'watch', at })) this.#gaveUp(notice)
  }

  async #claim(destinations: readonly string[], at: Instant): Promise<void> {
    const { group, worker } = this.#options
    const claimed = await group.apply({ kind: 'claimNotices', worker, destinations, at })
    for (const notice of claimed) this.#sending.set(notice.destination, this.#deliver(notice))
  }

  /** Never rejects. */
  async #deliver(notice: StoredNotice): Promise<void> {
    const { group, clock, worker } = this.#options
    try {
      const outcome = await this.#outcomeOf(notice)
      const isOurs = await group.apply({ kind: 'settleNotice', notice, worker, at: clock.now(), outcome })
      if (isOurs && outcome.kind === 'given up') this.#gaveUp({ ...notice, problem: outcome.problem })
    } catch (error) {
      // It is not known to be sent, and is sent again when its lease is over.
      this.#trouble(error)
    } finally {
      this.#sending.delete(notice.destination)
      this.wake()
    }
  }

  async #outcomeOf(notice: StoredNotice): Promise<NoticeOutcome> {
    const { clock, random } = this.#options
    const sent = await this.#send(notice)
    const now = clock.now()
    if (sent === 'stopped') return { kind: 'later', at: now, problem: null }
    switch (sent.kind) {
      case 'delivered':
        return sent
      case 'refused':
        return { kind: 'given up', problem: problemOf(sent.why) }
      case 'failed': {
        const usual = instant(now + backoff(tries, notice.tries, random))
        return { kind: 'later', at: instant(Math.max(usual, sent.retryAt ?? usual)), problem: problemOf(sent.why) }
      }
      default:
        return sent satisfies never
    }
  }

  async #send(notice: StoredNotice): Promise<Sent | 'stopped'> {
    const { destinations, clock } = this.#options
    const destination = destinations.get(notice.destination)
    if (destination === undefined) return 'stopped'
    try {
      return await sendTo(destination, notice, clock, this.#stopping.signal)
    } catch (error) {
      return this.#isStopped ? 'stopped' : { kind: 'failed', why: asError(error).message, retryAt: null }
    }
  }

  #gaveUp(notice: StoredNotice): void {
    const { id, destination, problem } = notice
    this.#options.listener.noticed('error', 'a notice could not be delivered', { id, destination, why: problem })
    this.#options.listener.gaveUp(notice)
  }

  #trouble(error: unknown): void {
    if (this.#isStopped) return
    this.#options.listener.noticed('warn', 'the outbox cannot be looked at now', { error: asError(error).message })
    this.#sleepUntil(instant(this.#options.clock.now() + PAUSE_AFTER_TROUBLE))
  }

  #sleepUntil(at: Instant | null): void {
    this.#takeBack()
    if (this.#isStopped || at === null) return
    this.#takeBack = this.#options.clock.callAt(at, () => this.wake())
  }

  get #isStopped(): boolean {
    return this.#stopping.signal.aborted
  }
}

/** Sends to one destination, within its time. Rejects with why it failed. */
export const sendTo = async (
  destination: Destination,
  notice: Parameters<Destination['send']>[0],
  clock: Clock,
  stop: AbortSignal,
): Promise<Sent> => {
  const late = new AbortController()
  const { timeout } = destination
  const takeBack = clock.callAfter(timeout, () => late.abort(new Error(`no answer within ${formatDuration(timeout)}`)))
  const signal = AbortSignal.any([stop, late.signal])
  const aborted = Promise.withResolvers<never>()
  const giveUp = (): void => aborted.reject(asError(signal.reason))
  if (signal.aborted) giveUp()
  signal.addEventListener('abort', giveUp, { once: true })
  try {
    return await Promise.race([aborted.promise, destination.send(notice, { signal, now: clock.now() })])
  } catch (error) {
    // A client that is aborted says less of it than why it was.
    throw signal.aborted ? asError(signal.reason) : error
  } finally {
    takeBack()
    signal.removeEventListener('abort', giveUp)
  }
}

const problemOf = (why: string): string => neutral(why, LONGEST_PROBLEM)

const sooner = (a: Instant | null, b: Instant | null): Instant | null => {
  if (a === null || b === null) return a ?? b
  return a < b ? a : b
}
