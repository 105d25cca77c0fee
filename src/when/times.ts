/** Times of day to be searched: a short list, whole stretches, or what two sets have in common. */

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
