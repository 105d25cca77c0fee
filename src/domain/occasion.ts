/** Inputs that name their occasion: `{from: '{previous}', to: '{nominal}'}` is filled in for each run of a schedule. */

import { formatInstant } from '../base/instant.ts'
import type { Instant } from '../base/instant.ts'
import type { Json } from '../base/json.ts'

/** What a run of a schedule is for. */
export interface Occasion {
  /** When it should happen. */
  readonly nominal: Instant
  /** The nominal time of the schedule's run before it; null for the first. */
  readonly previous: Instant | null
}

const words = { '{nominal}': 'nominal', '{previous}': 'previous' } as const satisfies Record<string, keyof Occasion>

/**
 * The input with each text `{nominal}` and `{previous}` as the instant it names, in UTC ISO; null where there is none.
 * Everything else is given back as it is, and an input without such texts is the same object.
 *
 * @example inputFor({ to: '{nominal}' }, { nominal, previous: null }) // { to: '2026-11-22T09:00:00Z' }
 */
export const inputFor = (input: Json, occasion: Occasion): Json =>
  namesOccasion(input) ? filled(input, occasion) : input

// Inputs of schedules are read again and again, and most of them name nothing.
const known = new WeakMap<object, boolean>()

/** Whether something of an input is filled in for each run. */
export const namesOccasion = (input: Json): boolean => {
  if (typeof input === 'string') return Object.hasOwn(words, input)
  if (typeof input !== 'object' || input === null) return false
  const found = known.get(input) ?? Object.values(input).some(part => namesOccasion(part))
  known.set(input, found)
  return found
}

const filled = (input: Json, occasion: Occasion): Json => {
  if (typeof input === 'string')
    return Object.hasOwn(words, input) ? told(occasion[words[input as keyof typeof words]]) : input
  if (typeof input !== 'object' || input === null) return input
  if (Array.isArray(input)) return input.map((part: Json) => filled(part, occasion))
  return Object.fromEntries(Object.entries(input).map(([key, part]) => [key, filled(part, occasion)]))
}

const told = (at: Instant | null): string | null => (at === null ? null : formatInstant(at))
