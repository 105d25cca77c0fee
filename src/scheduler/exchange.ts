/** Schedules as a file that people read, keep under version control, and carry to another store: definitions, no history. */

import { RotaError, isRotaError } from '../base/errors.ts'
import { formatInstant, parseInstant } from '../base/instant.ts'
import type { Instant } from '../base/instant.ts'
import type { Json } from '../base/json.ts'
import { refuseUnknownOptions } from '../base/options.ts'
import { isSameJson } from '../base/json.ts'
import type { Pause, PolicyOptions, Schedule } from '../domain/schedule.ts'
import { writtenPolicies } from '../domain/written-policies.ts'
import type { ScheduleDefinition } from '../store/store.ts'
import { parse } from '../when/parse.ts'
import { definitionOf, storedWaits, usualOverlap } from './definition.ts'

/** The whole file. */
export interface ScheduleFile {
  readonly version: 1
  /** Sorted by name. */
  readonly schedules: readonly PortableSchedule[]
}

/** A schedule as it stands in the file: what is not there has its default. */
export interface PortableSchedule extends PolicyOptions {
  readonly name: string
  readonly task: string
  readonly when: string
  readonly timezone?: string
  readonly anchor?: string
  readonly input?: Json
  readonly tags?: readonly string[]
  readonly paused?: PortablePause
}

export interface PortablePause {
  readonly by: string
  readonly why?: string
  readonly at?: string
  readonly until?: string
}

/** What an import does, or would do, to one schedule. */
export interface ImportedSchedule {
  readonly name: string
  readonly change: 'created' | 'changed' | 'unchanged'
  /** What differs: `when: daily -> hourly`. */
  readonly differences: readonly string[]
}

/** A schedule of the file, read and compared with the stored one. */
export interface ImportEntry extends ImportedSchedule {
  readonly definition: ScheduleDefinition
  readonly pause: Pause | null
}

/** In the order in which they stand in the file. */
const fields = {
  name: ['string'],
  task: ['string'],
  when: ['string'],
  timezone: ['string'],
  anchor: ['string'],
  grace: ['string', 'number'],
  catchUp: ['string'],
  catchUpLimit: ['number'],
  catchUpWindow: ['string', 'number'],
  overlap: ['string', 'object'],
  jitter: ['string', 'number'],
  startAt: ['string'],
  endAt: ['string'],
  maxRuns: ['number'],
  startWithin: ['string', 'number'],
  stopWhen: ['string'],
  input: null,
  tags: ['list'],
  paused: ['object'],
} as const satisfies { readonly [K in keyof Required<PortableSchedule>]: readonly string[] | null }

const required = ['name', 'task', 'when'] as const
const LONGEST_SHOWN = 80
const MOST_TOLD = 50
const MOST_SCHEDULES = 100_000

type Defined = Pick<Schedule, 'name' | 'task' | 'condition' | 'timezone' | 'anchor' | 'policies' | 'input' | 'tags'>

/** A stored schedule as it stands in the file: canonical, so that equal schedules are equal text. */
export const portable = (schedule: Defined, paused: Pause | null): PortableSchedule => ({
  name: schedule.name,
  task: schedule.task,
  when: schedule.condition,
  timezone: schedule.timezone,
  anchor: formatInstant(schedule.anchor),
  ...writtenPolicies(schedule.policies, usualOverlapOf(schedule)),
  ...(schedule.input === null ? {} : { input: schedule.input }),
  ...(schedule.tags.length === 0 ? {} : { tags: schedule.tags }),
  ...(paused === null ? {} : { paused: portablePause(paused) }),
})

// What cannot be read any more is written as it stands.
const usualOverlapOf = ({ condition }: Defined): 'skip' | 'queue' => {
  try {
    return usualOverlap(parse(condition))
  } catch (error) {
    if (isRotaError(error)) return 'skip'
    throw error
  }
}

const portablePause = ({ by, why, at, until }: Pause): PortablePause => ({
  by,
  ...(why === null ? {} : { why }),
  at: formatInstant(at),
  ...(until === null ? {} : { until: formatInstant(until) }),
})

/**
 * Reads a file against what is stored. Everything that is wrong with it is told at once, each with its place.
 *
 * @throws RotaError IMPORT_INVALID with `problems`
 */
export const readScheduleFile = (
  file: unknown,
  stored: ReadonlyMap<string, Schedule>,
  at: Instant,
): readonly ImportEntry[] => {
  const problems: string[] = []
  const seen = new Map<string, number>()
  const entries = schedulesOf(file).flatMap((value, i) => {
    const place = placeOf(value, i)
    const faults = shapeFaults(value)
    const name = nameOf(value)
    const before = name === null ? undefined : seen.get(name)
    if (before !== undefined) faults.push(`there is one of this name already, schedules[${before}]`)
    else if (name !== null) seen.set(name, i)
    problems.push(...faults.map(fault => `${place}: ${fault}`))
    if (faults.length > 0) return []
    try {
      return [entryOf(value as PortableSchedule, stored.get(name ?? ''), at)]
    } catch (error) {
      if (!isRotaError(error)) throw error
      problems.push(`${place}: ${error.message}`)
      return []
    }
  })
  if (problems.length === 0) return entries
  throw new RotaError('IMPORT_INVALID', messageOf(problems), { details: { problems } })
}

const messageOf = (problems: readonly string[]): string => {
  const told = problems.slice(0, MOST_TOLD)
  const rest = problems.length > MOST_TOLD ? [`and ${problems.length - MOST_TOLD} more`] : []
  const count = problems.length === 1 ? 'one problem' : `${problems.length} problems`
  return [`Nothing is imported, for ${count}:`, ...told, ...rest].join('\n')
}

const schedulesOf = (file: unknown): readonly unknown[] => {
  const { version, schedules, ...rest } = isRecord(file) ? file : {}
  if (version !== 1 || !Array.isArray(schedules) || Object.keys(rest).length > 0) {
    throw new RotaError(
      'IMPORT_INVALID',
      'This is no file of schedules; it is {"version": 1, "schedules": […]}, as `rota export` writes it.',
    )
  }
  if (schedules.length <= MOST_SCHEDULES) return schedules
  throw new RotaError('IMPORT_INVALID', `${schedules.length} schedules are more than ${MOST_SCHEDULES} at a time.`)
}

const placeOf = (value: unknown, i: number): string => {
  const name = nameOf(value)
  return `schedules[${i}]${name === null ? '' : ` '${name.slice(0, LONGEST_SHOWN)}'`}`
}

const nameOf = (value: unknown): string | null =>
  isRecord(value) && typeof value['name'] === 'string' ? value['name'] : null

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const shapeFaults = (value: unknown): string[] => {
  if (!isRecord(value)) return ['it is no object']
  const missing = required.filter(field => !Object.hasOwn(value, field)).map(field => `it has no '${field}'`)
  const given = Object.entries(value).flatMap(([field, content]) => fieldFaults(field, content))
  return [...missing, ...given]
}

const fieldFaults = (field: string, content: unknown): readonly string[] => {
  const unknown = refusedOf(() => refuseUnknownOptions('A schedule', { [field]: content }, Object.keys(fields)))
  if (unknown !== null) return [unknown]
  const kinds: readonly string[] | null = fields[field as keyof typeof fields]
  if (kinds !== null && !kinds.includes(kindOf(content)))
    return [`'${field}' is ${shown(content)}; it is a ${kinds.join(' or ')}`]
  return field === 'paused' ? pauseFaults(content as Readonly<Record<string, unknown>>) : []
}

const pauseFaults = (pause: Readonly<Record<string, unknown>>): readonly string[] => {
  const unknown = refusedOf(() => refuseUnknownOptions("'paused'", pause, ['by', 'why', 'at', 'until']))
  if (unknown !== null) return [unknown]
  const faults = Object.entries(pause)
    .filter(([, content]) => typeof content !== 'string')
    .map(([field, content]) => `'paused.${field}' is ${shown(content)}; it is a string`)
  return Object.hasOwn(pause, 'by') ? faults : [...faults, "'paused' has no 'by': who paused it"]
}

const refusedOf = (check: () => void): string | null => {
  try {
    check()
    return null
  } catch (error) {
    if (isRotaError(error)) return error.message
    throw error
  }
}

const kindOf = (value: unknown): string => {
  if (Array.isArray(value)) return 'list'
  return value === null ? 'null' : typeof value
}

const shown = (value: unknown): string => (JSON.stringify(value) ?? typeof value).slice(0, LONGEST_SHOWN)

const entryOf = (written: PortableSchedule, stored: Schedule | undefined, at: Instant): ImportEntry => {
  const { name, paused, ...rest } = written
  const before = stored === undefined ? null : portable(stored, stored.paused)
  const pause = paused === undefined ? null : pauseOf(paused, stored?.paused ?? null, at)
  // What is stored so already was checked then; since, its last moment may have passed.
  const definition =
    stored !== undefined && isSameJson(before, written)
      ? { ...stored, nextAt: stored.nextAt, waits: storedWaits(stored) }
      : definitionOf(name, rest, 'run time', at, stored ?? null)
  const after = portable(definition, pause)
  const differences = before === null ? [] : differencesOf(before, after)
  const change = before === null ? 'created' : differences.length === 0 ? 'unchanged' : 'changed'
  // One from code stays one: its code applies again only when it is written anew.
  const kept = stored === undefined ? {} : { origin: stored.origin, declaredHash: stored.declaredHash }
  return { name, change, differences, definition: { ...definition, ...kept }, pause }
}

// Who stands paused already and is to be, without a time, stays so.
const pauseOf = ({ by, why, at: since, until }: PortablePause, stored: Pause | null, at: Instant): Pause => ({
  by,
  why: why ?? null,
  at: since === undefined ? (stored?.at ?? at) : parseInstant(since),
  until: until === undefined ? null : parseInstant(until),
})

const differencesOf = (before: PortableSchedule, after: PortableSchedule): readonly string[] =>
  (Object.keys(fields) as (keyof PortableSchedule)[])
    .filter(field => !isSameJson(before[field], after[field]))
    .map(field => `${field}: ${textOf(before[field])} -> ${textOf(after[field])}`)

const textOf = (value: unknown): string => {
  if (value === undefined) return 'none'
  return typeof value === 'string' ? value.slice(0, LONGEST_SHOWN) : shown(value)
}
