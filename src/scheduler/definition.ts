/** A schedule as a person writes it, made into the row that is stored: read, checked, canonical. */

import { RotaError } from '../base/errors.ts'
import { fingerprint } from '../base/hash.ts'
import { instant, parseInstant } from '../base/instant.ts'
import type { Instant } from '../base/instant.ts'
import { toJson } from '../base/json.ts'
import type { Json } from '../base/json.ts'
import { checkName } from '../base/name.ts'
import type { TaskName } from '../base/name.ts'
import { isPolicyOption, policiesFrom } from '../domain/schedule.ts'
import type { Policies, PolicyOptions, Schedule } from '../domain/schedule.ts'
import type { ScheduleDefinition } from '../store/store.ts'
import { absolute } from '../when/absolute.ts'
import { checkCondition } from '../when/check.ts'
import { clausesOf } from '../when/clauses.ts'
import { isMoment, leavesOf } from '../when/condition.ts'
import type { Condition } from '../when/condition.ts'
import { parse } from '../when/parse.ts'
import { print } from '../when/print.ts'
import { factLeavesOf } from '../when/fact-leaves.ts'
import type { NamedDateSets } from '../when/leaf-parts.ts'
import { compile, timetable } from '../when/timetable.ts'
import type { Timetable } from '../when/timetable.ts'
import { waitsOf } from '../when/waits.ts'
import type { Wait } from '../when/waits.ts'
import { nextLookAt } from './moments.ts'

/** A schedule as it is declared or created; its task by name. */
export interface WrittenSchedule extends PolicyOptions {
  readonly task: string
  readonly when: string
  readonly timezone?: string
  readonly input?: Json
  readonly anchor?: string
  readonly tags?: readonly string[]
}

const LONGEST_INPUT = 1_000_000
const MOST_TAGS = 50

/**
 * Reads what was written, as it is to be stored at `at`. An edit keeps the anchor of the row it replaces, unless one is given.
 *
 * @throws RotaError NAME_INVALID, CONDITION_…, TIMEZONE_UNKNOWN, OPTION_INVALID, INSTANT_UNREADABLE
 */
export const definitionOf = (
  name: string,
  written: WrittenSchedule,
  origin: Schedule['origin'],
  at: Instant,
  existing: Schedule | null,
): ScheduleDefinition => {
  const timezone = written.timezone ?? 'UTC'
  const anchor = written.anchor === undefined ? (existing?.anchor ?? at) : parseInstant(written.anchor)
  const condition = absolute(parse(written.when), at)
  checkCondition(condition, { timezone, now: at, anchor, task: written.task })
  const text = print(condition)
  const policies = policiesOf(written, usualOverlap(condition))
  const waits = waitsFor(condition, policies)
  const definition = {
    name: checkName('schedule', name),
    task: checkName('task', written.task) as TaskName,
    input: checkInput(name, written.input ?? null),
    condition: text,
    timezone,
    anchor,
    policies,
    tags: checkTags(written.tags ?? []),
    origin,
    declaredHash: origin === 'code' ? hashOf(written) : null,
    waits,
  }
  // What asks for facts is judged at once: only then it is known when to look next.
  const nextAt = waits.length > 0 ? at : nextLookAt(definition, timetable(text, timezone), at)
  return { ...definition, nextAt }
}

/** What a stored schedule waits for besides time. */
export const storedWaits = ({ condition, policies }: Pick<Schedule, 'condition' | 'policies'>): readonly Wait[] =>
  waitsFor(parse(condition), policies)

// With jitter an event is looked at later than it happens: each is kept until then, as a delayed one is.
const waitsFor = (condition: Condition, { stopWhen, jitter }: Policies): readonly Wait[] =>
  waitsOf(condition, stopWhen === null ? null : parse(stopWhen)).map(wait =>
    wait.kind === 'event' && jitter > 0 ? { ...wait, delayed: true } : wait,
  )

/** The overlap of a schedule that says nothing of it: what events ask for is not lost beside an earlier run. */
export const usualOverlap = (condition: Condition): 'skip' | 'queue' =>
  clausesOf(condition).some(clause => clause.every(({ leaf }) => !isMoment(leaf) && leaf.kind !== 'start'))
    ? 'queue'
    : 'skip'

const policiesOf = (written: WrittenSchedule, overlap: 'skip' | 'queue'): Policies => {
  const {
    task: _task,
    when: _when,
    timezone: _timezone,
    input: _input,
    anchor: _anchor,
    tags: _tags,
    ...rest
  } = written
  const given = Object.entries(rest).filter(([key, value]) => value !== undefined || !isPolicyOption(key))
  const policies = policiesFrom(Object.fromEntries(given), overlap)
  if (policies.startAt !== null && policies.endAt !== null && policies.endAt <= policies.startAt) {
    throw new RotaError('OPTION_INVALID', 'endAt is not after startAt: the schedule would never run.')
  }
  return policies
}

const checkInput = (name: string, input: Json): Json => {
  const json = toJson(input, LONGEST_INPUT)
  if ('reason' in json)
    throw new RotaError('OPTION_INVALID', `The input of '${name}' cannot be kept as JSON: ${json.reason}.`)
  return input
}

const checkTags = (tags: readonly string[]): readonly string[] => {
  if (!Array.isArray(tags) || tags.length > MOST_TAGS)
    throw new RotaError('OPTION_INVALID', `tags is a list of at most ${MOST_TAGS} names.`)
  return tags.map(tag => checkName('tag', tag))
}

// Of the words as written: `in 10 minutes` declared again at the next start is the same declaration.
const hashOf = (written: WrittenSchedule): string => {
  const sorted = Object.entries(written)
    .filter(([, value]) => value !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return fingerprint(JSON.stringify(sorted))
}

// Only what names a set of dates depends on them, and sets change.
const timesOf = ({ condition, timezone, usesFacts }: Schedule, dates: NamedDateSets): Timetable => {
  const namesDates = usesFacts && factLeavesOf(condition).some(leaf => leaf.kind === 'named dates')
  return namesDates ? compile(parse(condition), timezone, dates) : timetable(condition, timezone)
}

/** The next nominal instants of a schedule after `after`, at most `count`: those of its moments, whatever its facts. */
export const upcomingOf = (
  schedule: Schedule,
  after: Instant,
  count: number,
  dates: NamedDateSets,
): readonly Instant[] => {
  const times = timesOf(schedule, dates)
  const found: Instant[] = []
  const rests = schedule.paused?.until ?? 1
  const from = Math.max(after, schedule.mark, (schedule.policies.startAt ?? 1) - 1, rests - 1)
  const end = schedule.policies.endAt ?? Infinity
  for (let at = times.next(instant(from), schedule.anchor); at !== null && at <= end && found.length < count;) {
    found.push(at)
    at = times.next(at, schedule.anchor)
  }
  return found
}

/** What a written condition and its `stopWhen` refer to by name. */
export interface References {
  readonly tasks: readonly string[]
  readonly subjects: readonly string[]
  readonly predicates: readonly string[]
  readonly calendars: readonly string[]
}

/** The names in a schedule as it is written, in the order in which they are said. @throws RotaError CONDITION_… */
export const referencesOf = (written: Pick<WrittenSchedule, 'when' | 'stopWhen'>): References => {
  const leaves = [written.when, written.stopWhen].flatMap(text => (text === undefined ? [] : leavesOf(parse(text))))
  return {
    tasks: leaves.flatMap(leaf =>
      leaf.kind === 'after' || leaf.kind === 'counted' || leaf.kind === 'running' ? [leaf.task] : [],
    ),
    subjects: leaves.flatMap(leaf => (leaf.kind === 'health' ? [leaf.subject] : [])),
    predicates: leaves.flatMap(leaf => (leaf.kind === 'predicate' ? [leaf.name] : [])),
    calendars: leaves.flatMap(leaf => (leaf.kind === 'named dates' ? [leaf.name] : [])),
  }
}
