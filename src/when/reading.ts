/** A condition in plain words, for whoever wants to see whether it means what was meant. Nobody parses this: `print` is for that. */

import { clausesOf } from './clauses.ts'
import type { Clause, Literal } from './clauses.ts'
import { isEvent, isMoment, isState, isWindow } from './condition.ts'
import type { Condition } from './condition.ts'
import type { Counted, Event, Period, State } from './fact.ts'
import type { Moment } from './moment.ts'
import { dayOfYear, daysOfMonth, length, print } from './print.ts'
import { readingOfCron } from './reading-cron.ts'
import type { TimeOfDay } from './time-of-day.ts'
import type { Window } from './window.ts'
import { MONTHS, WEEKDAYS } from './day-names.ts'
import { capital, list, runs } from './words.ts'

// A person reads no more alternatives than this.
const MOST_CLAUSES = 8

/**
 * What a condition means, in words.
 *
 * @example reading(parse('0 9 * * 1-5')) // 'at 09:00 on Monday to Friday'
 */
export const reading = (condition: Condition): string => {
  const clauses = clausesOf(condition)
  const shown = clauses.slice(0, MOST_CLAUSES).map(readingOfClause)
  const more = clauses.length - shown.length
  return [...shown, ...(more === 0 ? [] : [`${more} more of the kind`])].join('; or ')
}

/**
 * The events that alternatives without moments wait for, as they are written.
 *
 * @example occasions(parse("hourly or after 'news' succeeds and on weekdays")) // ["after 'news' succeeds"]
 */
export const occasions = (condition: Condition): readonly string[] => {
  const waiting = clausesOf(condition).filter(clause => !clause.some(({ leaf }) => isMoment(leaf)))
  return [...new Set(waiting.map(occasionOf))]
}

const occasionOf = (clause: Clause): string => {
  const start = clause.filter(({ leaf }) => leaf.kind === 'start')
  const opening = start.length > 0 ? start : clause.filter(({ leaf }) => isEvent(leaf))
  return opening.map(({ leaf }) => print(leaf)).join(' and ')
}

const readingOfClause = (clause: Clause): string => {
  const moments = clause.flatMap(({ leaf }) => (isMoment(leaf) ? [readingOfMoment(leaf)] : []))
  const starts = clause.some(({ leaf }) => leaf.kind === 'start') ? ['whenever an app starts'] : []
  const events = clause.flatMap(({ leaf }) => (isEvent(leaf) ? [leaf] : []))
  const windows = clause.filter(({ leaf }) => isWindow(leaf))
  const states = clause.filter(({ leaf }) => isState(leaf))
  const times = [...moments, ...starts]
  const facts = [...(times.length === 0 ? [] : events.map(happened)), ...states.map(stateWords)]
  if (times.length === 0 && events.length === 0) return list([...windowWords(windows, ''), ...facts])
  const parts = [
    times.length === 0 ? occasion(events) : times.join(' and also '),
    ...windowWords(windows, 'only '),
    ...(facts.length === 0 ? [] : [`if ${list(facts)}`]),
  ]
  return parts.join(', ') + waiting(times.length > 0, facts.length > 0, windows.length > 0)
}

const waiting = (hasTimes: boolean, hasFacts: boolean, hasWindows: boolean): string => {
  if (hasTimes) return hasFacts ? ' (waiting for that until the grace is over)' : ''
  if (hasWindows) return ' (what comes outside waits until they open, the newest alone)'
  return ''
}

const readingOfMoment = (moment: Moment): string => {
  switch (moment.kind) {
    case 'interval':
      return `every ${length(moment.everyMs)} of elapsed time`
    case 'every second':
    case 'every minute':
      return moment.kind
    case 'hourly': {
      const minutes = moment.minutes.map(String)
      return `at minute${minutes.length === 1 ? '' : 's'} ${list(minutes)} of every hour`
    }
    case 'daily':
      return `${atTimes(moment.times)} every ${each(moment.every, 'day')}`
    case 'weekly': {
      const days = weekdayWords(moment.weekdays)
      return `${atTimes(moment.times)} on ${days}${moment.every === 1 ? '' : `, every ${each(moment.every, 'week')}`}`
    }
    case 'monthly': {
      const days = `${daysOfMonth(moment.days)}${lacking(moment, 'month')}`
      return `${atTimes(moment.times)} on ${days} of every ${each(moment.every, 'month')}`
    }
    case 'yearly': {
      const days = `${list(moment.dates.map(dayOfYear))}${lacking(moment, 'year')}`
      return `${atTimes(moment.times)} on ${days} of every ${each(moment.every, 'year')}`
    }
    case 'cron':
      return readingOfCron(moment.text)
    case 'once':
      return `once, at ${moment.at.replace('T', ' ').replace(/Z$/, ' UTC')}`
    case 'soon':
      return `once, ${length(moment.inMs)} after it is created`
    default:
      return moment satisfies never
  }
}

const atTimes = (times: readonly TimeOfDay[]): string => `at ${list(times)}`

const each = (every: number, unit: string): string =>
  every === 1 ? unit : `${every} ${unit}s (counted from the anchor)`

const lacking = ({ clamp }: { readonly clamp?: true }, unit: string): string =>
  clamp === true ? ` (or the last day, where the ${unit} lacks it)` : ''

const weekdayWords = (weekdays: readonly string[]): string => spans(weekdays, WEEKDAYS)

/** Names in their order, three or more in a row as a range. */
const spans = (names: readonly string[], all: readonly string[]): string =>
  list(runs(names.map(name => all.indexOf(name))).map(([from, to]) => span(all, from, to)))

const span = (all: readonly string[], from: number, to: number): string =>
  capital(all[from] ?? '') + (from === to ? '' : ` to ${capital(all[to] ?? '')}`)

const windowWords = (windows: readonly Literal[], only: string): readonly string[] => {
  const inside = windows.filter(({ negated }) => !negated).map(windowOf)
  const outside = windows.filter(({ negated }) => negated).map(windowOf)
  return [
    ...(inside.length === 0 ? [] : [`${only}${list(inside)}`]),
    ...(outside.length === 0 ? [] : [`not ${outside.join(' nor ')}`]),
  ]
}

const windowOf = ({ leaf }: Literal): string => (isWindow(leaf) ? readingOfWindow(leaf) : '')

const readingOfWindow = (window: Window): string => {
  switch (window.kind) {
    case 'between':
      return `from ${window.from} until before ${window.to}${window.from > window.to ? ' of the next day' : ''}`
    case 'weekdays':
      return `on ${weekdayWords(window.weekdays)}`
    case 'days':
      return `on ${daysOfMonth(window.days)} of the month`
    case 'months':
      return `in ${spans(window.months, MONTHS)}`
    case 'dates':
      return [window.from && `from ${spoken(window.from)}`, window.until && `until before ${spoken(window.until)}`]
        .filter(Boolean)
        .join(' ')
    case 'named dates':
      return `on the dates called '${window.name}'`
    default:
      return window satisfies never
  }
}

const spoken = (date: string): string => date.replace('T', ' ')

/** What opens a clause without moments. */
const occasion = (events: readonly Event[]): string => {
  const [first] = events
  if (first === undefined) return ''
  if (events.length > 1) return `as soon as ${list(events.map(happened))}`
  if (first.kind === 'after itself') return `${length(first.delayMs)} after its own last run ended`
  const when = first.delayMs === 0 ? 'when' : `${length(first.delayMs)} after`
  return `${when} a run of '${first.task}' ${first.outcome}${first.outcome === 'finishes' ? HOWEVER : ''}`
}

const HOWEVER = ', whether it succeeds, is partial or fails'

const PERFECT: Readonly<Record<string, string>> = {
  succeeds: 'has succeeded',
  fails: 'has failed',
  'is partial': 'was partial',
  finishes: 'has finished',
}

const happened = (event: Event): string => {
  const ago = event.delayMs === 0 ? '' : `${length(event.delayMs)} ago or more `
  if (event.kind === 'after itself') return `its own last run ended ${ago}`.trimEnd()
  return `a run of '${event.task}' ${PERFECT[event.outcome] ?? ''} ${ago}since the last decision`
}

const stateWords = ({ leaf, negated }: Literal): string => (isState(leaf) ? readingOfState(leaf, negated) : '')

const readingOfState = (state: State, negated: boolean): string => {
  const no = negated ? 'not ' : ''
  switch (state.kind) {
    case 'counted':
      return `'${state.task}' has ${no}${state.what}${times(state)}${during(state.during)}`
    case 'running':
      return `'${state.task}' is ${no}running`
    case 'health':
      return `'${state.subject}' is ${no}${state.state}`
    case 'predicate':
      return `'${state.name}' says ${negated ? 'no' : 'yes'}`
    default:
      return state satisfies never
  }
}

const times = ({ compare, times: count }: Counted): string =>
  compare === 'at least' && count === 1 ? '' : ` ${compare} ${count} ${count === 1 ? 'time' : 'times'}`

const during = (period: Period): string => {
  if (period === 'ever') return ' at any time before'
  return typeof period === 'string' ? ` ${period}` : ` in the last ${length(period.lastMs)}`
}
