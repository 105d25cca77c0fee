/** Times of day as cron fields: every combination of an hour, a minute and a second, searched as bits. */

import type { Times } from './times.ts'
import { DAY_MS } from './time-of-day.ts'

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

/** What two have in common. */
export const commonFields = (a: ClockFields, b: ClockFields): ClockFields => ({
  hours: a.hours & b.hours,
  minutes: { low: a.minutes.low & b.minutes.low, high: a.minutes.high & b.minutes.high },
  seconds: { low: a.seconds.low & b.seconds.low, high: a.seconds.high & b.seconds.high },
})

// Walking a list this short is faster than taking times apart into fields.
const SHORT = 24

/** All of them one by one, or null where they are too many for a list to be the faster. */
export const shortList = (clock: ClockFields): readonly number[] | null => {
  if (countBits(clock.hours) * count60(clock.minutes) * count60(clock.seconds) > SHORT) return null
  const [hours, minutes, seconds] = [listBits(clock.hours, 0), list60(clock.minutes), list60(clock.seconds)]
  return hours.flatMap(hour => minutes.flatMap(minute => seconds.map(second => timeOf(hour, minute, second))))
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

/** Whether a time is one of them; milliseconds rule it out. */
export const hasTime = (clock: ClockFields, time: number): boolean => {
  const at = time / 1000
  const [hour, minute] = [Math.floor(at / 3600), Math.floor(at / 60) % 60]
  return (
    Number.isInteger(at) && bitAt(clock.hours, hour) && has60(clock.minutes, minute) && has60(clock.seconds, at % 60)
  )
}
