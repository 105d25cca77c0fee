/** Judges events at an instant: which run of which task makes one true, and is not yet used. */

import { instant } from '../base/instant.ts'
import type { Instant } from '../base/instant.ts'
import type { Zone } from './calendar.ts'
import type { After, AfterItself, Event } from './fact.ts'
import type { Facts, RunFact, Verdict } from './facts.ts'
import { spoken, spokenNext } from './spoken.ts'
import { isFinished } from './states.ts'

/** An event that is due: since when, and by which run; `null` for the schedule's own last opportunity. */
export interface Occurrence {
  readonly due: Instant
  readonly run: number | null
}

/** The newest occurrence that is due at `at` and not used, or null. Older ones coalesce into it. */
export const occurrenceAt = (event: Event, at: Instant, facts: Facts): Occurrence | null =>
  occurrences(event, at, facts)
    .filter(({ due }) => due <= at)
    .reduce<Occurrence | null>(newer, null)

/** The next instant after `at` at which an event falls due of what has already ended, or null. */
export const nextDue = (event: Event, at: Instant, facts: Facts): Instant | null => {
  const coming = occurrences(event, at, facts).flatMap(({ due }) => (due > at ? [due] : []))
  return coming.length === 0 ? null : instant(Math.min(...coming))
}

/** Where and when an event is asked about. */
interface Asked {
  readonly at: Instant
  readonly facts: Facts
  readonly zone: Zone
  readonly isPast: boolean
}

export const judgeEvent = (event: Event, asked: Asked): Verdict => {
  const { at, facts, zone, isPast } = asked
  const found = occurrenceAt(event, at, facts)
  const due = nextDue(event, at, facts)
  if (found === null) {
    const reason = due === null ? whyNot(event, asked) : `due ${spokenNext(due, at, zone, isPast)}`
    return { holds: false, reason, changesAt: due }
  }
  const which = found.run === null ? 'its last end' : `run ${found.run} of '${(event as After).task}'`
  return { holds: true, reason: `${which} made it true ${spoken(found.due, at, zone)}`, changesAt: due }
}

const nouns = { succeeds: 'success', fails: 'failure', 'is partial': 'partial run', finishes: 'end' } as const

/** Why nothing is due of an event, and nothing that ended makes it so. */
const whyNot = (event: Event, { at, facts, zone }: Asked): string => {
  if (event.kind === 'after itself')
    return facts.lastEnd === 'unfinished' ? 'its last run is not over' : 'its last end is decided'
  if (facts.ends === undefined) return `no ${nouns[event.outcome]} of '${event.task}' since the last decision`
  const ended = facts.ends.filter(run => run.task === event.task && endedSo(run, event) && isBy(run.endedAt, at))
  const last = ended.reduce<(typeof ended)[number] | null>(
    (a, b) => ((a?.endedAt ?? 0) > (b.endedAt ?? 0) ? a : b),
    null,
  )
  if (last === null || last.endedAt === null) return `no ${nouns[event.outcome]} of '${event.task}' yet`
  const when = `last ${nouns[event.outcome]} ${spoken(last.endedAt, at, zone)}`
  if (last.usedBy !== null) return `${when}, already used by ${last.usedBy}`
  return last.endedAt < facts.since ? `${when}, before this schedule was made or edited` : `${when}, already used`
}

const isBy = (end: Instant | null, at: Instant): boolean => end !== null && end <= at

const occurrences = (event: Event, at: Instant, facts: Facts): readonly Occurrence[] => {
  const all = event.kind === 'after' ? ofTask(event, at, facts) : ofItself(event, facts)
  return all.filter(({ due }) => facts.decidedAt === null || due > facts.decidedAt)
}

const ofTask = (event: After, at: Instant, facts: Facts): readonly Occurrence[] =>
  (facts.unused ?? facts.runs).flatMap(run => {
    const { endedAt } = run
    // What is known to be unused ended after the schedule came to be, be it in the same millisecond; and before now, whatever
    // the clock says.
    const counts = facts.unused !== undefined || (endedAt !== null && endedAt <= at && endedAt > facts.since)
    if (!counts || endedAt === null || run.task !== event.task || !endedSo(run, event)) return []
    const occurred = occurrence(endedAt, event, run.id)
    return run.usedTo !== undefined && occurred.due <= run.usedTo ? [] : [occurred]
  })

const ofItself = (event: AfterItself, { lastEnd, since }: Facts): readonly Occurrence[] => {
  const end = lastEnd ?? since
  // It may lie ahead, where the clock was set back.
  return end === 'unfinished' ? [] : [occurrence(end, event, null)]
}

const occurrence = (end: Instant, { delayMs }: Event, run: number | null): Occurrence => ({
  due: instant(end + delayMs),
  run,
})

/** Whether a run ended as an event wants it. */
export const endedSo = (run: Pick<RunFact, 'outcome'>, { outcome }: Pick<After, 'outcome'>): boolean => {
  switch (outcome) {
    case 'succeeds':
      return run.outcome === 'succeeded'
    case 'fails':
      return run.outcome === 'failed'
    case 'is partial':
      return run.outcome === 'partial'
    case 'finishes':
      return isFinished(run)
    default:
      return outcome satisfies never
  }
}

// Of two that ended in the same millisecond the later number is the newer.
const newer = (a: Occurrence | null, b: Occurrence): Occurrence => {
  if (a === null || b.due > a.due) return b
  return b.due === a.due && (b.run ?? 0) > (a.run ?? 0) ? b : a
}
