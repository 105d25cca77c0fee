/** A length of time in milliseconds, and its text: `90 s`, `1h30m`, `2 days`. */

import { RotaError } from './errors.ts'

declare const brand: unique symbol
export type Duration = number & { readonly [brand]: 'Duration' }

/** Marks a number of milliseconds as a duration. */
export const duration = (ms: number): Duration => ms as Duration

/** Wherever a duration is taken: milliseconds, or text such as `30s`. */
export type DurationInput = number | string

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

const unitMs: Readonly<Record<string, number>> = {
  ms: 1,
  millisecond: 1,
  milliseconds: 1,
  s: SECOND,
  sec: SECOND,
  second: SECOND,
  seconds: SECOND,
  m: MINUTE,
  min: MINUTE,
  minute: MINUTE,
  minutes: MINUTE,
  h: HOUR,
  hour: HOUR,
  hours: HOUR,
  d: DAY,
  day: DAY,
  days: DAY,
}

const LONGEST_TEXT = 100
const PIECE = /(\d+(?:\.\d+)?)\s*([a-z]+)\s*/gy

/**
 * Reads a duration: a number of milliseconds, or pieces such as `1h30m`, `90 s`, `500ms`, `2 days` (a day is 24 h).
 *
 * @throws RotaError DURATION_UNREADABLE for anything else, also negative, not finite, or longer than 400 years
 * @example parseDuration('1h30m') // 5400000
 */
export const parseDuration = (input: DurationInput): Duration => {
  const ms = typeof input === 'number' ? input : readPieces(input)
  if (!Number.isFinite(ms) || ms < 0 || ms > 400 * 366 * DAY) {
    const shown = String(input).slice(0, LONGEST_TEXT)
    throw new RotaError('DURATION_UNREADABLE', `'${shown}' is not a duration; write it like 30s, 5 minutes or 1h30m.`, {
      details: { value: shown },
    })
  }
  return duration(Math.round(ms))
}

const readPieces = (text: string): number => {
  if (text.length > LONGEST_TEXT) return Number.NaN
  const wanted = text.trim().toLowerCase()
  let total = wanted === '' ? Number.NaN : 0
  PIECE.lastIndex = 0
  while (PIECE.lastIndex < wanted.length) {
    const piece = PIECE.exec(wanted)
    if (piece === null) return Number.NaN
    const unit = piece[2] ?? ''
    total += Number(piece[1]) * (Object.hasOwn(unitMs, unit) ? (unitMs[unit] ?? Number.NaN) : Number.NaN)
  }
  return total
}

const printed = [
  ['d', DAY],
  ['h', HOUR],
  ['m', MINUTE],
  ['s', SECOND],
  ['ms', 1],
] as const

/**
 * The shortest exact text: `1h30m`, `90s` as `1m30s`, `0s`.
 *
 * @example formatDuration(duration(5_400_000)) // '1h30m'
 */
export const formatDuration = (length: Duration): string => {
  let rest: number = length
  let text = ''
  for (const [unit, size] of printed) {
    const count = Math.floor(rest / size)
    if (count > 0) text += `${count}${unit}`
    rest -= count * size
  }
  return text === '' ? '0s' : text
}

// `wholeFrom`: from so many on, the rest says nothing more.
const steps = [
  { unit: 'd', ms: DAY, wholeFrom: 10, smaller: { unit: 'h', ms: HOUR } },
  { unit: 'h', ms: HOUR, wholeFrom: 24, smaller: { unit: 'min', ms: MINUTE } },
  { unit: 'min', ms: MINUTE, wholeFrom: 10, smaller: { unit: 's', ms: SECOND } },
] as const

/**
 * A length in at most two units, rounded down: `1.5 s`, `45 s`, `5 min 30 s`, `3 h 20 min`, `12 d`.
 *
 * @example about(12_000_000) // '3 h 20 min'
 */
export const about = (ms: number): string => {
  if (ms < SECOND) return `${Math.max(Math.floor(ms), 0)} ms`
  if (ms < MINUTE) return `${ms < 10 * SECOND ? Math.floor(ms / 100) / 10 : Math.floor(ms / SECOND)} s`
  const step = steps.find(({ ms: size }) => ms >= size) ?? steps[2]
  const count = Math.floor(ms / step.ms)
  const rest = count >= step.wholeFrom ? 0 : Math.floor((ms - count * step.ms) / step.smaller.ms)
  return rest === 0 ? `${count} ${step.unit}` : `${count} ${step.unit} ${rest} ${step.smaller.unit}`
}
