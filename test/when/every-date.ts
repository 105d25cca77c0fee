/**
 * The promise about daily schedules, checked date by date: one opportunity for each local date that exists, in a zone as Intl
 * itself shows its wall. Told by another way than the calendar goes: dates, not instants, are walked, and no offset is asked for.
 */

import assert from 'node:assert/strict'
import { formatInstant, instant } from '../../src/base/instant.ts'
import { parse } from '../../src/when/parse.ts'
import { compile } from '../../src/when/timetable.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
// Longer gaps are changes of the date line.
const WIDEST_GAP = 3 * HOUR

/** A stretch of time in which the wall is as far from UTC. */
interface Stretch {
  readonly start: number
  readonly end: number
  readonly offset: number
}

/** What was seen of a daily schedule. */
export interface Seen {
  /** Local dates that exist. */
  readonly dates: number
  /** Dates that the zone left out, such as 2011-12-30 in Samoa. */
  readonly missing: readonly string[]
  /** Dates that exist, and whose time fell into a gap of over three hours: the date line, or a station left and manned again. */
  readonly dropped: readonly string[]
  /** Opportunities at the end of a gap, because their time does not exist. */
  readonly moved: number
  /** Times that fell together with another in one gap. */
  readonly merged: number
}

/** Checks `daily at …` in a zone over whole years. Throws where an opportunity has no date, or a date not its own. */
export function checkEveryDate(
  zone: string,
  times: readonly string[],
  years: readonly [first: number, last: number],
): Seen {
  const [first, last] = [Date.UTC(years[0], 0, 1), Date.UTC(years[1], 11, 31)]
  const stretches = stretchesOf(zone, first - 3 * DAY, last + 4 * DAY)
  const expected: number[] = []
  const missing: string[] = []
  const dropped: string[] = []
  let dates = 0
  let moved = 0
  for (let date = first, near = 0; date <= last; date += DAY) {
    while ((stretches[near]?.end ?? Infinity) < date - 2 * DAY) near++
    const around = stretches.slice(near, near + 8)
    const exists = around.some(({ start, end, offset }) => start + offset < date + DAY && end + offset > date)
    if (exists) dates++
    else missing.push(new Date(date).toISOString().slice(0, 10))
    const fires = times.map(time => firesAt(date + timeOf(time), around))
    for (const { at } of fires) {
      const name = new Date(date).toISOString().slice(0, 10)
      if (!exists) assert.ok(Number.isNaN(at), `${zone} ${name}`)
      else if (Number.isNaN(at)) dropped.push(name)
      else expected.push(at)
    }
    moved += fires.filter(({ isMoved }) => isMoved).length
  }
  const distinct = [...new Set(expected)].toSorted((a, b) => a - b)
  checkTimetable(zone, times, distinct)
  return { dates, missing, dropped, moved, merged: expected.length - distinct.length }
}

function checkTimetable(zone: string, times: readonly string[], expected: readonly number[]): void {
  const table = compile(parse(`daily at ${times.join(', ')}`), zone)
  const before = (expected[0] ?? 0) - 1
  let at: number | null = before
  for (const next of expected) {
    at = table.next(instant(at ?? Number.NaN), instant(0))
    if (at !== next)
      assert.fail(`${zone}: ${at === null ? 'never' : formatInstant(instant(at))}, not ${formatInstant(instant(next))}`)
  }
}

const timeOf = (text: string): number => {
  const [hour = 0, minute = 0] = text.split(':').map(Number)
  return hour * HOUR + minute * 60_000
}

/** The instant at which the wall first shows a time; in a gap the first instant behind it, unless that is too wide. */
function firesAt(name: number, stretches: readonly Stretch[]): { readonly at: number; readonly isMoved: boolean } {
  for (const [index, { start, end, offset }] of stretches.entries()) {
    const at = name - offset
    if (at >= start && at < end) return { at, isMoved: false }
    const next = stretches[index + 1]
    if (next === undefined || at < end || name >= next.start + next.offset) continue
    const isGap = next.offset - offset <= WIDEST_GAP
    return { at: isGap ? next.start : Number.NaN, isMoved: isGap }
  }
  return { at: Number.NaN, isMoved: false }
}

/** How often the wall is looked at: two changes within so short a time were never made. */
const STEP = 12 * HOUR

const known = new Map<string, readonly Stretch[]>()

function stretchesOf(zone: string, from: number, to: number): readonly Stretch[] {
  const key = `${zone} ${from} ${to}`
  const found = known.get(key) ?? findStretches(zone, from, to)
  // One zone is asked about several times of day, then the next.
  known.clear()
  known.set(key, found)
  return found
}

function findStretches(zone: string, from: number, to: number): readonly Stretch[] {
  const wall = wallOf(zone)
  const stretches: Stretch[] = []
  let [start, offset] = [from, wall(from) - from]
  for (let at = from; at < to; at += STEP) {
    const next = Math.min(at + STEP, to)
    if (wall(next) - next === offset) continue
    let [low, high] = [at, next]
    while (high - low > 1_000) {
      const middle = Math.floor((low + high) / 2_000) * 1_000
      if (wall(middle) - middle === offset) low = middle
      else high = middle
    }
    stretches.push({ start, end: high, offset })
    ;[start, offset] = [high, wall(next) - next]
  }
  return [...stretches, { start, end: to, offset }]
}

/** What the wall shows at a whole second, as if it were UTC. */
function wallOf(zone: string): (at: number) => number {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  })
  return at => {
    const text = format.format(at)
    const two = (index: number): number => Number(text.slice(index, index + 2))
    return Date.UTC(Number(text.slice(6, 10)), two(0) - 1, two(3), two(12), two(15), two(18))
  }
}
