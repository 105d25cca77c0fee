/** Times of day to be searched: a short list, every combination of hour, minute and second fields, or whole spans. */

import { contains, isWholeDay } from './spans.ts'
import type { Spans } from './spans.ts'
import { DAY_MS } from './time-of-day.ts'

/** A set of times of day in milliseconds since midnight; never empty. */
export interface Times {
  readonly first: number
  readonly last: number
  /** The earliest at or after `time`, or -1. */
  from(time: number): number
  /** The latest at or before `time`, or -1. */
  upTo(time: number): number
}

/** Times as a moment names them: one by one, or as fields. */
export type TimeSet = { readonly list: readonly number[] } | { readonly clock: ClockFields }

/** The hours, minutes and seconds of a cron text, as sets of bits; a field of 60 needs two words. */
export interface ClockFields {
  readonly hours: number
  readonly minutes: Bits60
  readonly seconds: Bits60
}

export interface Bits60 {
  readonly low: number
  readonly high: number
}

export const EVERY_BIT60: Bits60 = { low: 0x3fff_ffff, high: 0x3fff_ffff }
export const EVERY_HOUR = 0xff_ffff
export const EVERY_SECOND: ClockFields = { hours: EVERY_HOUR, minutes: EVERY_BIT60, seconds: EVERY_BIT60 }

/** The times that all sets and the spans have in common, or null where there are none. No sets at all are every time. */
export const commonTimes = (sets: readonly TimeSet[], spans: Spans): Times | null => {
  if (spans.length === 0) return null
  if (sets.length === 0) return new SpanTimes(spans)
  const clocks = sets.flatMap(set => ('clock' in set ? [set.clock] : []))
  const lists = sets.flatMap(set => ('list' in set ? [set.list] : []))
  const clock = clocks.reduce(commonFields, EVERY_SECOND)
  // A list may hold milliseconds, which only fields rule out.
  const inFields = (time: number): boolean => clocks.length === 0 || hasTime(clock, time)
  const list = lists.length > 0 ? lists.reduce(commonItems).filter(inFields) : shortList(clock)
  if (list !== null) return listed(list.filter(time => contains(spans, time)))
  const times = isWholeDay(spans) ? new ClockTimes(clock) : new CommonTimes(new ClockTimes(clock), new SpanTimes(spans))
  return times.first < 0 ? null : times
}

/** Sixty bits from the numbers that are set. */
export const bits60 = (values: Iterable<number>): Bits60 => {
  let low = 0
  let high = 0
  for (const value of values) {
    if (value < 30) low |= 1 << value
    else high |= 1 << (value - 30)
  }
  return { low, high }
}

const listed = (list: readonly number[]): Times | null => (list.length === 0 ? null : new ListedTimes(list))

const commonItems = (a: readonly number[], b: readonly number[]): readonly number[] =>
  a.filter(time => b.includes(time))

const commonFields = (a: ClockFields, b: ClockFields): ClockFields => ({
  hours: a.hours & b.hours,
  minutes: { low: a.minutes.low & b.minutes.low, high: a.minutes.high & b.minutes.high },
  seconds: { low: a.seconds.low & b.seconds.low, high: a.seconds.high & b.seconds.high },
})

// Walking a list this short is faster than taking times apart into fields.
const SHORT = 24

const shortList = (clock: ClockFields): readonly number[] | null => {
  if (countBits(clock.hours) * count60(clock.minutes) * count60(clock.seconds) > SHORT) return null
  const [hours, minutes, seconds] = [listBits(clock.hours, 0), list60(clock.minutes), list60(clock.seconds)]
  return hours.flatMap(hour => minutes.flatMap(minute => seconds.map(second => timeOf(hour, minute, second))))
}

/** A few times, ascending. */
export class ListedTimes implements Times {
  readonly list: readonly number[]

  constructor(list: readonly number[]) {
    this.list = list
  }

  get first(): number {
    return this.list[0] ?? -1
  }

  get last(): number {
    return this.list.at(-1) ?? -1
  }

  from(time: number): number {
    for (const each of this.list) if (each >= time) return each
    return -1
  }

  upTo(time: number): number {
    for (let index = this.list.length - 1; index >= 0; index--) {
      const each = this.list[index] ?? -1
      if (each <= time) return each
    }
    return -1
  }
}

/** Every combination of hour, minute and second. */
export class ClockTimes implements Times {
  readonly first: number
  readonly last: number
  readonly #hours: number
  readonly #minutes: Bits60
  readonly #seconds: Bits60

  constructor(fields: ClockFields) {
    this.#hours = fields.hours
    this.#minutes = fields.minutes
    this.#seconds = fields.seconds
    this.first = this.from(0)
    this.last = this.upTo(DAY_MS - 1)
  }

  from(time: number): number {
    const at = Math.ceil(time / 1000)
    let hour = Math.floor(at / 3600)
    let minute = Math.floor(at / 60) % 60
    let second = at % 60
    if (bitAt(this.#hours, hour)) {
      if (has60(this.#minutes, minute)) {
        second = nextBit60(this.#seconds, second)
        if (second >= 0) return timeOf(hour, minute, second)
      }
      minute = nextBit60(this.#minutes, minute + 1)
      if (minute >= 0) return timeOf(hour, minute, nextBit60(this.#seconds, 0))
    }
    hour = nextBit(this.#hours, hour + 1)
    return hour < 0 ? -1 : timeOf(hour, nextBit60(this.#minutes, 0), nextBit60(this.#seconds, 0))
  }

  upTo(time: number): number {
    const at = Math.floor(time / 1000)
    let hour = Math.floor(at / 3600)
    let minute = Math.floor(at / 60) % 60
    let second = at % 60
    if (bitAt(this.#hours, hour)) {
      if (has60(this.#minutes, minute)) {
        second = previousBit60(this.#seconds, second)
        if (second >= 0) return timeOf(hour, minute, second)
      }
      minute = previousBit60(this.#minutes, minute - 1)
      if (minute >= 0) return timeOf(hour, minute, previousBit60(this.#seconds, 59))
    }
    hour = previousBit(this.#hours, hour - 1)
    return hour < 0 ? -1 : timeOf(hour, previousBit60(this.#minutes, 59), previousBit60(this.#seconds, 59))
  }
}

/** Stretches of the day, from–to pairs in order, `to` not included: every millisecond in them is a time. */
export class SpanTimes implements Times {
  readonly #spans: Spans

  constructor(spans: Spans) {
    this.#spans = spans
  }

  get first(): number {
    return this.#spans[0] ?? -1
  }

  get last(): number {
    return (this.#spans.at(-1) ?? 0) - 1
  }

  from(time: number): number {
    for (let index = 0; index < this.#spans.length; index += 2) {
      if (time < (this.#spans[index + 1] ?? 0)) return Math.max(time, this.#spans[index] ?? 0)
    }
    return -1
  }

  upTo(time: number): number {
    for (let index = this.#spans.length - 2; index >= 0; index -= 2) {
      if (time >= (this.#spans[index] ?? 0)) return Math.min(time, (this.#spans[index + 1] ?? 0) - 1)
    }
    return -1
  }
}

/** What two sets have in common. The first skips from one to the next until both agree. */
export class CommonTimes implements Times {
  readonly #a: Times
  readonly #b: Times
  readonly first: number
  readonly last: number

  constructor(a: Times, b: Times) {
    this.#a = a
    this.#b = b
    this.first = this.from(0)
    this.last = this.upTo(DAY_MS - 1)
  }

  from(time: number): number {
    let a = this.#a.from(time)
    while (a >= 0) {
      const b = this.#b.from(a)
      if (b < 0 || b === a) return b
      a = this.#a.from(b)
    }
    return -1
  }

  upTo(time: number): number {
    let a = this.#a.upTo(time)
    while (a >= 0) {
      const b = this.#b.upTo(a)
      if (b < 0 || b === a) return b
      a = this.#a.upTo(b)
    }
    return -1
  }
}

const timeOf = (hour: number, minute: number, second: number): number => (hour * 3600 + minute * 60 + second) * 1000

const bitAt = (bits: number, index: number): boolean => index < 30 && ((bits >>> index) & 1) === 1

/** The lowest bit at or above `index`, or -1. */
const nextBit = (bits: number, index: number): number => {
  const rest = index >= 30 ? 0 : (bits >>> index) << index
  return rest === 0 ? -1 : 31 - Math.clz32(rest & -rest)
}

/** The highest bit at or below `index`, or -1. */
const previousBit = (bits: number, index: number): number => {
  const rest = index < 0 ? 0 : bits & ((2 << Math.min(index, 29)) - 1)
  return rest === 0 ? -1 : 31 - Math.clz32(rest)
}

const has60 = (bits: Bits60, index: number): boolean =>
  index < 30 ? bitAt(bits.low, index) : bitAt(bits.high, index - 30)

const nextBit60 = (bits: Bits60, index: number): number => {
  const low = nextBit(bits.low, index)
  if (low >= 0) return low
  const high = nextBit(bits.high, Math.max(index - 30, 0))
  return high < 0 ? -1 : high + 30
}

const previousBit60 = (bits: Bits60, index: number): number => {
  const high = previousBit(bits.high, index - 30)
  return high >= 0 ? high + 30 : previousBit(bits.low, index)
}

const listBits = (bits: number, base: number): readonly number[] => {
  const list: number[] = []
  for (let rest = bits; rest !== 0; rest &= rest - 1) list.push(base + 31 - Math.clz32(rest & -rest))
  return list
}

const countBits = (bits: number): number => listBits(bits, 0).length

const count60 = (bits: Bits60): number => countBits(bits.low) + countBits(bits.high)

const list60 = (bits: Bits60): readonly number[] => [...listBits(bits.low, 0), ...listBits(bits.high, 30)]

const hasTime = (clock: ClockFields, time: number): boolean => {
  const at = time / 1000
  const [hour, minute] = [Math.floor(at / 3600), Math.floor(at / 60) % 60]
  return (
    Number.isInteger(at) && bitAt(clock.hours, hour) && has60(clock.minutes, minute) && has60(clock.seconds, at % 60)
  )
}
