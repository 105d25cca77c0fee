/** What a handler needs around it, in memory: a clock that the test moves, a store's answers, lines of log. HTTP is real. */

import { sleepOn } from '../../src/base/clock.ts'
import type { Clock } from '../../src/base/clock.ts'
import type { Duration } from '../../src/base/duration.ts'
import { instant, parseInstant } from '../../src/base/instant.ts'
import type { Instant } from '../../src/base/instant.ts'
import type { Json } from '../../src/base/json.ts'
import type { Log, LogFields, LogLevel } from '../../src/base/log.ts'
import type { RunId } from '../../src/base/name.ts'
import { isPartial } from '../../src/domain/outcome.ts'
import type { Context, Handler, Records, Task } from '../../src/domain/task.ts'
import type { NewItem, Unit } from '../../src/domain/unit.ts'
import type { CollectResult } from '../../src/scrape/ending.ts'

export const START = parseInstant('2026-11-22T09:00:00Z')

/**
 * A clock that stands still, except that who sleeps is woken at once, and it is then as late as they wanted. Calls at an
 * instant (timeouts) come only when the test moves the clock there.
 */
export class TestClock implements Clock {
  #now: Instant = START
  readonly #calls = new Set<{ readonly at: Instant; readonly wake: () => void }>()
  /** How long each sleep was, in milliseconds. */
  readonly slept: number[] = []
  /** Called instead of waking who has just gone to sleep. */
  interrupt: (() => void) | null = null

  now(): Instant {
    return this.#now
  }

  monotonicMs(): number {
    return this.#now - START
  }

  callAt(at: Instant, wake: () => void): () => void {
    const call = { at, wake }
    this.#calls.add(call)
    return () => this.#calls.delete(call)
  }

  callAfter(delay: Duration, wake: () => void): () => void {
    return this.callAt(instant(this.#now + delay), wake)
  }

  callSoon(work: () => void): void {
    setImmediate(work)
  }

  sleepUntil(at: Instant, signal?: AbortSignal): Promise<void> {
    this.slept.push(at - this.#now)
    if (this.interrupt === null && at > this.#now) this.#now = at
    const slept = sleepOn(this, at, signal)
    this.interrupt?.()
    return slept
  }

  /** Moves on, and makes the calls that have come due. */
  advance(ms: number): void {
    this.#now = instant(this.#now + ms)
    for (const call of this.#calls) {
      if (call.at > this.#now) continue
      this.#calls.delete(call)
      call.wake()
    }
  }

  /** Calls that nobody took back. */
  get pending(): number {
    return this.#calls.size
  }
}

export interface Line {
  readonly level: LogLevel
  readonly message: string
  readonly fields: LogFields
}

/** The parts of a context that no source looks at. */
const untouched = {
  progress: () => {},
  state: { get: async () => null, set: async () => {}, delete: async () => {} },
  defer: () => {},
  previous: async () => null,
  parents: async () => [],
  secret: async (name: string) => name,
  hold: async () => {},
} satisfies Partial<Context>

/** Items, units and holds as a store would keep them, and a context for each attempt. */
export class World {
  readonly clock = new TestClock()
  readonly lines: Line[] = []
  readonly items = new Map<string, NewItem & { readonly version: number }>()
  readonly units: Unit[] = []
  readonly holds = new Map<string, Instant>()
  /** How many items came in each call. */
  readonly portions: number[] = []
  readonly stopper = new AbortController()

  readonly records: Records = {
    finishedUnits: async () => this.units.filter(unit => unit.attempt < this.#attempt),
    keepItems: async (source, items) => {
      this.portions.push(items.length)
      const counts = { seen: items.length, new: 0, changed: 0, unchanged: 0, invalid: 0 }
      for (const item of items) counts[this.#keep(source, item)]++
      return counts
    },
    finishUnit: async unit => {
      const known = this.units.findIndex(({ source, query }) => source === unit.source && query === unit.query)
      if (known === -1) this.units.push(unit)
      else this.units[known] = unit
    },
    hostHeldUntil: async host => this.holds.get(host) ?? null,
    holdHost: async (host, until) => {
      this.holds.set(host, instant(Math.max(until, this.holds.get(host) ?? until)))
    },
  }
  #attempt = 1

  context<Input>(input: Input): Context<Input> {
    return {
      input,
      run: 1 as RunId,
      attempt: this.#attempt,
      nominalAt: START,
      trigger: { kind: 'schedule' },
      signal: this.stopper.signal,
      log: logTo(this.lines, {}),
      clock: this.clock,
      records: this.records,
      ...untouched,
    }
  }

  /** One attempt of a task; gives what it came to. */
  async run(task: Task<never, unknown>, input: Json = null): Promise<Ran> {
    try {
      const value = await (task.handler as Handler)(this.context(input))
      return isPartial(value)
        ? { kind: 'partial', detail: value.detail, result: value.result as CollectResult }
        : { kind: 'succeeded', result: value as CollectResult }
    } catch (error) {
      return { kind: 'thrown', error: error as Error }
    } finally {
      this.#attempt++
    }
  }

  /** A new run: what was kept stays, its units do not. */
  nextRun(): void {
    this.units.length = 0
    this.#attempt = 1
  }

  /** As if an attempt had been made elsewhere. */
  skipAttempt(): void {
    this.#attempt++
  }

  unit(source: string, query = ''): Unit {
    const unit = this.units.find(each => each.source === source && each.query === query)
    if (unit === undefined) throw new Error(`no unit ${source} ${query}`)
    return unit
  }

  #keep(source: string, item: NewItem): 'new' | 'changed' | 'unchanged' {
    const key = `${source} ${item.key}`
    const known = this.items.get(key)
    if (known?.hash === item.hash) return 'unchanged'
    this.items.set(key, { ...item, version: (known?.version ?? 0) + 1 })
    return known === undefined ? 'new' : 'changed'
  }
}

export type Ran =
  | { readonly kind: 'succeeded'; readonly result: CollectResult }
  | { readonly kind: 'partial'; readonly detail: string; readonly result: CollectResult }
  | { readonly kind: 'thrown'; readonly error: Error }

/** The result of a run that must have succeeded. */
export const succeeded = (ran: Ran): CollectResult => {
  if (ran.kind === 'succeeded') return ran.result
  throw new Error(`the run is ${ran.kind}: ${ran.kind === 'partial' ? ran.detail : ran.error.message}`)
}

/** Why a run that must have thrown did so. */
export const thrown = (ran: Ran): Error => {
  if (ran.kind === 'thrown') return ran.error
  throw new Error(`the run is ${ran.kind}`)
}

const logTo = (lines: Line[], own: LogFields): Log => {
  const at =
    (level: LogLevel) =>
    (message: string, fields: LogFields = {}): void => {
      lines.push({ level, message, fields: { ...own, ...fields } })
    }
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: fields => logTo(lines, { ...own, ...fields }),
  }
}
