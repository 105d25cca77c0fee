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
export type { DatedPhrase, Phrase, TimedPhrase } from './build.ts'
export { checkTimezone } from './calendar.ts'
export { checkCondition } from './check.ts'
export type { CheckOptions } from './check.ts'
export type { Condition, Leaf, Moment, Window } from './condition.ts'
export { LONGEST_TEXT, parse } from './parse.ts'
export { print } from './print.ts'
export { compile, timetable } from './timetable.ts'
export type { Timetable } from './timetable.ts'
