/** One clause's clock and calendar as a set of local date-times: days × times of day, within bounds, counted from an anchor. */

import type { Names } from './calendar.ts'
import { firstDayOf, firstDayOfWeek, monthOf, weekOf } from './civil.ts'
import type { DayTable } from './days.ts'
import type { Spans } from './spans.ts'
import { DAY_MS } from './time-of-day.ts'
import type { Times } from './times.ts'

/** `every 2 weeks`: only each `every`th of these units counts, beginning with the anchor's own. */
export interface Count {
  readonly unit: 'day' | 'week' | 'month' | 'year'
  readonly every: number
}

export interface LocalRuleParts {
  readonly days: DayTable
  readonly times: Times
  /** Where on the whole line of local time names may lie; null is everywhere. */
  readonly within: Spans | null
  readonly counts: readonly Count[]
}

// Searches end here: the calendar repeats after 400 years, and a count that never met its day in that time never will.
const HORIZON_DAYS = 146_097

/** Names that are whole stretches, as windows are. */
export interface Windows extends Names {
  /** Whether a time of day that is `phase` plus any number of steps can lie in them. */
  meets(phase: number, step: number): boolean
}

/** No local time at all. */
export const NOWHERE: Windows = { from: () => Number.NaN, upTo: () => Number.NaN, meets: () => false }

// More tries than this are not made: so short a step meets every window that can be written.
const MOST_PHASES = 24 * 60

export class LocalRule implements Windows {
  readonly #days: DayTable
  readonly #times: Times
  readonly #within: Spans | null
  readonly #counts: readonly Count[]

  constructor({ days, times, within, counts }: LocalRuleParts) {
    this.#days = days
    this.#times = times
    this.#within = within
    this.#counts = counts
  }

  from(local: number, anchorDay: number): number {
    if (this.#within === null) return this.#from(local, anchorDay)
    for (let index = 0; index < this.#within.length; index += 2) {
      const end = this.#within[index + 1] ?? 0
      if (local >= end) continue
      const name = this.#from(Math.max(local, this.#within[index] ?? 0), anchorDay)
      if (name < end) return name
    }
    return Number.NaN
  }

  upTo(local: number, anchorDay: number): number {
    if (this.#within === null) return this.#upTo(local, anchorDay)
    for (let index = this.#within.length - 2; index >= 0; index -= 2) {
      const start = this.#within[index] ?? 0
      if (local < start) continue
      const name = this.#upTo(Math.min(local, (this.#within[index + 1] ?? 0) - 1), anchorDay)
      if (name >= start) return name
    }
    return Number.NaN
  }

  meets(phase: number, step: number): boolean {
    if (DAY_MS / step > MOST_PHASES) return true
    for (let time = phase % step; time < DAY_MS; time += step) if (this.#times.from(time) === time) return true
    return false
  }

  #from(local: number, anchorDay: number): number {
    const day = Math.floor(local / DAY_MS)
    const time = this.#times.from(local - day * DAY_MS)
    const found = this.#dayFrom(time < 0 ? day + 1 : day, anchorDay)
    return found * DAY_MS + (found === day ? time : this.#times.first)
  }

  #upTo(local: number, anchorDay: number): number {
    const day = Math.floor(local / DAY_MS)
    const time = this.#times.upTo(local - day * DAY_MS)
    const found = this.#dayUpTo(time < 0 ? day - 1 : day, anchorDay)
    return found * DAY_MS + (found === day ? time : this.#times.last)
  }

  #dayFrom(day: number, anchorDay: number): number {
    if (this.#counts.length === 0) return this.#days.from(day)
    const horizon = Math.max(day, anchorDay) + HORIZON_DAYS
    for (let next = Math.max(day, anchorDay); next < horizon;) {
      const found = this.#days.from(next)
      next = this.#counts.reduce((at, count) => countedFrom(count, at, anchorDay), found)
      if (next === found || Number.isNaN(found)) return found
    }
    return Number.NaN
  }

  #dayUpTo(day: number, anchorDay: number): number {
    if (this.#counts.length === 0) return this.#days.upTo(day)
    for (let next = day; next >= anchorDay;) {
      const found = this.#days.upTo(next)
      next = this.#counts.reduce((at, count) => countedUpTo(count, at, anchorDay), found)
      if (Number.isNaN(found) || found < anchorDay) return Number.NaN
      if (next === found) return found
    }
    return Number.NaN
  }
}

/** The first day at or after `day` that lies in a counted unit. */
const countedFrom = ({ unit, every }: Count, day: number, anchorDay: number): number => {
  const rest = (indexOf(unit, day) - indexOf(unit, anchorDay)) % every
  return rest === 0 ? day : startOf(unit, indexOf(unit, day) + every - rest)
}

/** The last day at or before `day` that lies in a counted unit. */
const countedUpTo = ({ unit, every }: Count, day: number, anchorDay: number): number => {
  const rest = (indexOf(unit, day) - indexOf(unit, anchorDay)) % every
  return rest === 0 ? day : startOf(unit, indexOf(unit, day) - rest + 1) - 1
}

const indexOf = (unit: Count['unit'], day: number): number => {
  switch (unit) {
    case 'day':
      return day
    case 'week':
      return weekOf(day)
    case 'month':
      return monthOf(day)
    case 'year':
      return Math.floor(monthOf(day) / 12)
    default:
      return unit satisfies never
  }
}

const startOf = (unit: Count['unit'], index: number): number => {
  switch (unit) {
    case 'day':
      return index
    case 'week':
      return firstDayOfWeek(index)
    case 'month':
      return firstDayOf(index)
    case 'year':
      return firstDayOf(index * 12)
    default:
      return unit satisfies never
  }
}
