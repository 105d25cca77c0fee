/** A schedule as a row, and the schedule read from it. One that cannot be read is shown as unloadable, with the reason. */

import type { Instant } from '../../../base/instant.ts'
import type { TaskName } from '../../../base/name.ts'
import { defaultPolicies } from '../../../domain/schedule.ts'
import type { CatchUp, Overlap, Policies, Schedule, ScheduleStatus } from '../../../domain/schedule.ts'
import { isRecord, jsonOf, textsOf } from '../stored-json.ts'
import type { Names } from './names.ts'

/** What `scheduleFrom` reads, of `schedules` and `marks`. */
export const scheduleColumns = `
  id, name, task, input, condition, timezone, anchor, policies, tags, origin, declared_hash, declared, created_at, revision,
  version, mark, highest_mark, next_at, paused_at, paused_by, paused_why, paused_until, status, problem, runs_created, since,
  last_nominal_at, uses_facts`

export type ScheduleRow = readonly [
  id: number,
  name: string,
  task: number,
  input: string | null,
  condition: string,
  timezone: string,
  anchor: number,
  policies: string,
  tags: string,
  origin: string,
  declaredHash: string | null,
  declared: number,
  createdAt: number,
  revision: number,
  version: number,
  mark: number,
  highestMark: number,
  nextAt: number | null,
  pausedAt: number | null,
  pausedBy: string | null,
  pausedWhy: string | null,
  pausedUntil: number | null,
  status: string,
  problem: string | null,
  runsCreated: number,
  since: number,
  lastNominalAt: number | null,
  usesFacts: number,
]

export const scheduleFrom = (row: ScheduleRow, names: Names): Schedule => {
  const [
    id,
    name,
    task,
    input,
    condition,
    timezone,
    anchor,
    policies,
    tags,
    origin,
    declaredHash,
    declared,
    createdAt,
    revision,
    version,
    mark,
    highestMark,
    nextAt,
    pausedAt,
    pausedBy,
    pausedWhy,
    pausedUntil,
    status,
    problem,
    runsCreated,
    since,
    lastNominalAt,
    usesFacts,
  ] = row
  const broken = brokenPartOf(row)
  return {
    id,
    name,
    task: names.name(task) as TaskName,
    input: jsonOf(input) ?? null,
    condition,
    timezone,
    anchor: anchor as Instant,
    policies: policiesFrom(policies) ?? defaultPolicies,
    tags: textsOf(tags),
    origin: origin === 'code' ? 'code' : 'run time',
    declaredHash,
    declared: declared === 1,
    createdAt: createdAt as Instant,
    revision,
    version,
    mark: mark as Instant,
    highestMark: highestMark as Instant,
    nextAt: nextAt as Instant | null,
    paused:
      pausedAt === null
        ? null
        : {
            at: pausedAt as Instant,
            by: pausedBy ?? 'unknown',
            why: pausedWhy,
            until: pausedUntil as Instant | null,
          },
    status: broken === null ? (status as ScheduleStatus) : 'unloadable',
    problem: broken === null ? problem : `${broken} cannot be read: the row was changed from outside`,
    runsCreated,
    since: since as Instant,
    lastNominalAt: lastNominalAt as Instant | null,
    usesFacts: usesFacts === 1,
  }
}

/** Which part of the row was changed from outside so that it cannot be read, or null. */
export const brokenPartOf = (row: ScheduleRow): string | null => {
  const [, , , input, , , , policies, , , , , , , , , , , , , , , status] = row
  if (jsonOf(input) === undefined) return 'its stored input'
  if (policiesFrom(policies) === undefined) return 'its stored policies'
  if (status !== 'active' && status !== 'ended' && status !== 'unloadable')
    return `its stored status '${status.slice(0, 40)}'`
  return null
}

// Thousands of schedules say the same: they share what was read once.
const known = new Map<string, Policies | undefined>()
const MOST_KNOWN = 1_000

/** Undefined when they are not policies. */
const policiesFrom = (text: string): Policies | undefined => {
  if (known.has(text)) return known.get(text)
  if (known.size >= MOST_KNOWN) known.clear()
  const policies = readPolicies(text)
  known.set(text, policies)
  return policies
}

// A policy that an older Rota did not know has its default.
const readPolicies = (text: string): Policies | undefined => {
  const value = jsonOf(text)
  if (!isRecord(value)) return undefined
  const policies = { ...defaultPolicies, ...value } as Record<keyof Policies, unknown>
  const { grace, catchUp, overlap, jitter, startAt, endAt, maxRuns, startWithin, stopWhen } = policies
  const sound =
    isNumberOrNull(grace) &&
    isCatchUp(catchUp) &&
    isOverlap(overlap) &&
    typeof jitter === 'number' &&
    isNumberOrNull(startAt) &&
    isNumberOrNull(endAt) &&
    isNumberOrNull(maxRuns) &&
    isNumberOrNull(startWithin) &&
    (stopWhen === null || typeof stopWhen === 'string')
  return sound ? (policies as unknown as Policies) : undefined
}

const isNumberOrNull = (value: unknown): value is number | null => value === null || typeof value === 'number'

const isCatchUp = (value: unknown): value is CatchUp => {
  if (!isRecord(value)) return false
  if (value['kind'] === 'all') return typeof value['limit'] === 'number' && typeof value['window'] === 'number'
  return value['kind'] === 'latest' || value['kind'] === 'none'
}

const isOverlap = (value: unknown): value is Overlap => {
  if (!isRecord(value)) return false
  if (value['kind'] === 'queueAll' || value['kind'] === 'allow') return typeof value['limit'] === 'number'
  return value['kind'] === 'skip' || value['kind'] === 'queue' || value['kind'] === 'cancelPrevious'
}
