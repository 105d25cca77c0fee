/**
 * What a change sets going: who waits for what happened is judged, in the same transaction and in the order of their numbers,
 * until nothing more happens.
 */

import { RotaError } from '../../../base/errors.ts'
import type { Instant } from '../../../base/instant.ts'
import type { Judge } from '../../../domain/opportunity.ts'
import { endedSo } from '../../../when/events.ts'
import { factLeavesOf } from '../../../when/fact-leaves.ts'
import type { WaitKind } from '../../../when/waits.ts'
import type { Judged } from '../../store.ts'
import type { HappenedToRun, Happening } from '../news.ts'
import type { Tables } from '../tables.ts'
import { isEventState, outcomeOf, SKIPPED_TALLY, STARTED_TALLY } from '../tables/tally.ts'
import type { WaitingSchedule } from '../tables/waits.ts'
import { goOn } from './flow.ts'
import type { KeyOf } from './flow.ts'
import { judgeHeld } from './judgement.ts'

/** Gives each judgement that changed something, in order. Flows go on first: their ends are what others wait for. */
export const follow = (tables: Tables, judge: Judge, at: Instant, keyOf?: KeyOf): readonly Judged[] => {
  const judged: Judged[] = []
  while (tables.news.isAny) {
    goOn(tables, at, keyOf)
    // One after the other: of two runs that are lost with their worker each end is an event of its own.
    for (const happening of tables.news.take()) {
      const concerned = new Set(concernedBy(tables, happening))
      for (const schedule of [...concerned].sort((a, b) => a - b)) {
        const one = judgeAgain(tables, judge, schedule, at)
        if (one !== null) judged.push(one)
      }
    }
  }
  return judged
}

/** The schedules to be judged; what they will ask about is kept first. */
const concernedBy = (tables: Tables, happening: Happening): readonly number[] => {
  switch (happening.kind) {
    case 'started':
    case 'ended':
    case 'skipped':
      return concernedByRun(tables, happening)
    case 'health':
    case 'predicate':
      return tables.waits
        .on(happening.name, [happening.kind])
        .filter(wait => mayChange(tables, wait))
        .map(({ schedule }) => schedule)
    case 'dates':
    case 'start':
      // These change when moments lie, and not only whether they hold.
      return tables.waits
        .on(happening.kind === 'dates' ? happening.name : null, [happening.kind])
        .map(one => one.schedule)
    case 'own end':
      return [happening.schedule].filter(
        schedule => tables.waits.followsItself(schedule) || tables.opportunities.hasOpen(schedule),
      )
    default:
      return happening satisfies never
  }
}

const kindsFor = {
  started: ['started', 'running'],
  ended: ['event', 'ended', 'running'],
  skipped: ['skipped'],
} as const satisfies Record<HappenedToRun['kind'], readonly WaitKind[]>

const concernedByRun = (tables: Tables, happened: HappenedToRun): readonly number[] => {
  const waiting = tables.waits.on(happened.task, kindsFor[happened.kind]).filter(wait => concerns(happened, wait))
  if (waiting.some(({ kind }) => kind === happened.kind)) count(tables, happened)
  const { task, run, state, at: endedAt } = happened
  for (const { schedule, kind, delayed } of waiting) {
    if (kind === 'event' && (!delayed || isNamed(tables, schedule, happened)))
      tables.unusedEnds.add(schedule, { run, task, state, endedAt }, delayed)
  }
  return waiting.filter(wait => mayChange(tables, wait)).map(({ schedule }) => schedule)
}

// Each delayed end is kept: those that no event names would be kept for ever.
const isNamed = (tables: Tables, schedule: number, { task, state }: HappenedToRun): boolean => {
  const condition = tables.schedules.hold(schedule)?.schedule.condition
  const [name, outcome] = [tables.names.name(task), outcomeOf(state)]
  if (condition === undefined) return false
  return factLeavesOf(condition).some(leaf => leaf.kind === 'after' && leaf.task === name && endedSo({ outcome }, leaf))
}

// A cancelled run matches no event and no count; but it runs no longer.
const concerns = ({ kind, state }: HappenedToRun, wait: WaitingSchedule): boolean =>
  kind !== 'ended' || wait.kind === 'running' || isEventState(state)

const count = (tables: Tables, { kind, task, state, at, run, count }: HappenedToRun): void => {
  const what = kind === 'started' ? STARTED_TALLY : kind === 'skipped' ? SKIPPED_TALLY : state
  tables.tally.add(task, what, at, run, count)
}

// Where nothing is open, nothing but a moment helps: and that comes by itself.
const mayChange = (tables: Tables, { schedule, opens }: WaitingSchedule): boolean =>
  opens || tables.opportunities.hasOpen(schedule)

/**
 * Where the judge fails, what happened stands all the same: the schedule is made due, so that it is judged again where the
 * failure is seen.
 */
const judgeAgain = (tables: Tables, judge: Judge, schedule: number, at: Instant): Judged | null => {
  const held = tables.schedules.hold(schedule)
  if (held === null) return null
  const judged = judgeHeld(tables, judge, held, at, null)
  if (!(judged instanceof RotaError)) return judged
  tables.schedules.wake(schedule, at)
  return null
}
