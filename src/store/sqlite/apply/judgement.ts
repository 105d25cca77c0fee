/** Judging one schedule whose row the transaction holds, and storing what was decided: everything of it, or nothing. */

import { RotaError, asError } from '../../../base/errors.ts'
import { instant } from '../../../base/instant.ts'
import type { Instant } from '../../../base/instant.ts'
import type { Decision, Judge } from '../../../domain/opportunity.ts'
import { isOver } from '../../../domain/run.ts'
import { isPauseOver } from '../../../domain/schedule.ts'
import type { Schedule } from '../../../domain/schedule.ts'
import type { Judged } from '../../store.ts'
import type { Tables } from '../tables.ts'
import type { HeldSchedule } from '../tables/schedules.ts'
import { storeDecision } from './decision.ts'
import type { Claimer } from './decision.ts'

/**
 * Judges, and stores the decision; gives what changed, or why it could not be judged.
 *
 * A decision that cancels a run that was not being executed ends it at once. What waits for that end must not wait for
 * another event: then the schedule is judged again.
 */
export const judgeHeld = (
  tables: Tables,
  judge: Judge,
  held: HeldSchedule,
  at: Instant,
  claimer: Claimer | null,
): Judged | RotaError => {
  if (held.broken !== null) return setAside(tables, held)
  const { paused } = held.schedule
  return paused !== null && isPauseOver(paused, at)
    ? judgeAfterPause(tables, judge, held, at, claimer)
    : judgeOnce(tables, judge, held, at, claimer)
}

/**
 * A pause that is over by itself is lifted as a person lifts one: what passed in it is judged while it still stands. The moment
 * at which it ends belongs to it no more.
 */
const judgeAfterPause = (
  tables: Tables,
  judge: Judge,
  held: HeldSchedule,
  at: Instant,
  claimer: Claimer | null,
): Judged | RotaError => {
  const { id, mark, paused } = held.schedule
  const last = instant((paused?.until ?? at) - 1)
  // The mark lies beyond it where the clock was set back meanwhile: then nothing is left to be judged as paused.
  const during = last < mark ? null : judgeOnce(tables, judge, held, last, null)
  if (during instanceof RotaError) return during
  tables.schedules.pause(id, null)
  const lifted = tables.schedules.hold(id)
  if (lifted === null) throw new RotaError('INTERNAL', `Schedule ${id} is gone while it is held.`)
  const after = judgeOnce(tables, judge, lifted, at, claimer)
  if (after instanceof RotaError) return after
  return { ...(during === null ? after : joined(during, after)), resumed: true }
}

const judgeOnce = (
  tables: Tables,
  judge: Judge,
  held: HeldSchedule,
  at: Instant,
  claimer: Claimer | null,
): Judged | RotaError => {
  let judged: Judged | null = null
  let next = held
  let slots = claimer?.slots ?? 0
  for (;;) {
    const { schedule } = next
    const { unfinished, open } = next.idle === true ? nothingLive : tables.opportunities.live(schedule.id)
    const { isAsRead = false } = next
    const subject = { schedule, isAsRead, unfinished, open, known: tables.facts.of(schedule, at) }
    const decision = decide(judge, subject, at)
    if (decision instanceof RotaError) return decision
    const stored = storeDecision(tables, next, decision, at, claimer && { worker: claimer.worker, slots })
    judged = judged === null ? stored.judged : joined(judged, stored.judged)
    const mayGoOn = stored.judged.cancelled.some(isOver) && tables.opportunities.hasOpen(schedule.id)
    if (!mayGoOn) return judged
    next = stored.held
    slots -= stored.judged.runs.filter(run => run.state === 'running').length
  }
}

const nothingLive = { unfinished: [], open: [] }

const decide = (judge: Judge, subject: Parameters<Judge>[0], at: Instant): Decision | RotaError => {
  try {
    return judge(subject, at)
  } catch (thrown) {
    const { name } = subject.schedule
    return new RotaError('INTERNAL', `Judging the schedule '${name}' failed: ${asError(thrown).message}`, {
      details: { schedule: name },
      cause: thrown,
    })
  }
}

// A row that was changed from outside and cannot be read is not judged by what it may have meant: it is kept, and not due.
const setAside = (tables: Tables, { schedule, lastRun }: HeldSchedule): Judged => {
  const aside: Schedule = { ...schedule, nextAt: null, version: schedule.version + 1 }
  tables.schedules.progress(aside, lastRun)
  return { schedule: aside, runs: [], others: [], cancelled: [], asks: [], clockSetBack: null }
}

const joined = (first: Judged, second: Judged): Judged => ({
  schedule: second.schedule,
  runs: [...first.runs, ...second.runs],
  others: [...first.others, ...second.others],
  cancelled: [...first.cancelled, ...second.cancelled],
  asks: [...first.asks, ...second.asks],
  clockSetBack: first.clockSetBack ?? second.clockSetBack,
})
