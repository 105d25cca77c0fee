/** The room of conditions, as other rooms and users see it: what a condition is, its two spellings, and when it fires. */

export { absolute } from './absolute.ts'
export {
  at,
  between,
  cron,
  daily,
  during,
  every,
  from,
  hourly,
  monthly,
  not,
  on,
  soon,
  until,
  weekly,
  yearly,
} from './build.ts'
export type { DatedPhrase, TimedPhrase } from './build.ts'
export {
  after,
  afterAny,
  afterItself,
  blocked,
  degraded,
  failed,
  failing,
  finished,
  healthy,
  later,
  onDates,
  predicate,
  running,
  skipped,
  start,
  started,
  succeeded,
} from './build-facts.ts'
export type { Count, Events, Named } from './build-facts.ts'
export { checkTimezone } from './calendar.ts'
export { checkCondition } from './check.ts'
export type { CheckOptions } from './check.ts'
export { clockNotes } from './clock-notes.ts'
export type { Preview } from './clock-notes.ts'
export type { Condition, Leaf } from './condition.ts'
export { cycleThrough, triggersOf } from './cycle.ts'
export type { Edge } from './cycle.ts'
export { checkDates, MOST_DATES } from './date-list.ts'
export { LONGEST_DATES, readDates } from './dates.ts'
export { explain } from './explain.ts'
export type { ExplainedClause, ExplainedPart, Explanation } from './explain.ts'
export type { Event, Start, State } from './fact.ts'
export type { Facts, RunFact, Verdict } from './facts.ts'
export type { DatesOptions } from './ical.ts'
export { holds, judged, wakes } from './judge.ts'
export type { Judged, Opportunity, Undecided, Wakes } from './judge.ts'
export type { NamedDateSets } from './leaf-parts.ts'
export type { Moment } from './moment.ts'
export { LONGEST_TEXT, parse } from './parse.ts'
export type { Phrase } from './phrase.ts'
export { print } from './print.ts'
export { occasions, reading } from './reading.ts'
export { compile, timetable } from './timetable.ts'
export type { Timetable } from './timetable.ts'
export type { WakingEvent } from './waking-events.ts'
export { warnings } from './warnings.ts'
export type { WarningOptions } from './warnings.ts'
export type { Window } from './window.ts'
