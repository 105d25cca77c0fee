/**
 * The dates of an iCalendar file's events (RFC 5545). An event is on every local date that it touches, its end excluded. Of
 * recurrence, what holidays need: yearly rules, dates added and dates left out. Everything else that could change the dates is
 * refused with its line.
 */

import { parseInstant } from '../base/instant.ts'
import { isRotaError } from '../base/errors.ts'
import { zoneOf } from './calendar.ts'
import { contentLines, refuseLine } from './ical-lines.ts'
import type { ContentLine } from './ical-lines.ts'
import { readRule } from './ical-rule.ts'
import { readLocal, writeDate } from './local-time.ts'
import { DAY_MS } from './time-of-day.ts'

export interface DatesOptions {
  /** What recurs for ever is listed before this date, `2036-01-01`. Dates that are written out are all kept. */
  readonly until: string
  /** The zone in which instants of an iCalendar file (`…Z`) are taken as dates; default UTC. */
  readonly timezone?: string
}

// More than any calendar of holidays has, and few enough to be read at once.
const MOST_EVENTS = 2_000

/** The dates of all events, in no order, some perhaps more than once. */
export const readCalendar = (text: string, options: DatesOptions): readonly string[] => {
  const events = eventsIn(contentLines(text))
  const surplus = events[MOST_EVENTS]
  if (surplus !== undefined) return refuseLine(surplus.begin, `at most ${MOST_EVENTS} events`)
  return [...new Set(events.flatMap(event => daysOf(event, options)))].map(writeDate)
}

/** The lines of one event. */
interface CalendarEvent {
  readonly begin: ContentLine
  readonly lines: readonly ContentLine[]
}

// Rules of zones, and alarms, have times of their own, which are no dates of the calendar.
const PASSED_OVER = ['VTIMEZONE', 'STANDARD', 'DAYLIGHT', 'VALARM']

const eventsIn = (lines: readonly ContentLine[]): readonly CalendarEvent[] => {
  const open: ContentLine[] = []
  const events: CalendarEvent[] = []
  let event: ContentLine[] = []
  for (const line of lines) {
    const component = line.value.trim().toUpperCase()
    if (line.name === 'BEGIN') {
      checkComponent(line, component, open.length)
      open.push(line)
      if (component === 'VEVENT') event = []
    } else if (line.name === 'END') {
      const begin = open.pop()
      if (begin?.value.trim().toUpperCase() !== component)
        return refuseLine(line, begin === undefined ? 'a BEGIN before it' : `END:${begin.value.trim()}`)
      if (component === 'VEVENT') events.push({ begin, lines: event })
    } else if (open.length === 0) {
      return refuseLine(line, 'BEGIN:VCALENDAR')
    } else if (open.at(-1)?.value.trim().toUpperCase() === 'VEVENT') {
      event.push(line)
    }
  }
  const last = open.pop()
  return last === undefined ? events : refuseLine(last, `an END:${last.value.trim()} behind it`)
}

const checkComponent = (line: ContentLine, component: string, depth: number): void => {
  const isKnown = depth === 0 ? component === 'VCALENDAR' : component === 'VEVENT' || PASSED_OVER.includes(component)
  if (!isKnown) refuseLine(line, depth === 0 ? 'BEGIN:VCALENDAR' : 'events (VEVENT) alone')
}

const daysOf = ({ begin, lines }: CalendarEvent, options: DatesOptions): readonly number[] => {
  const one = (name: string): ContentLine | undefined => onlyOne(lines, name)
  const all = (name: string): readonly ContentLine[] => lines.filter(line => line.name === name)
  if (one('STATUS')?.value.trim().toUpperCase() === 'CANCELLED') return []
  for (const name of ['RECURRENCE-ID', 'EXRULE']) {
    const line = one(name)
    if (line !== undefined) return refuseLine(line, 'events that are written out, or RRULE with EXDATE')
  }
  const startLine = one('DTSTART')
  if (startLine === undefined) return refuseLine(begin, 'a DTSTART in the event')
  const start = readValue(startLine, startLine.value, options)
  const days = lengthOf(start, one('DTEND'), one('DURATION'), options)
  const rule = one('RRULE')
  const listed = all('RDATE').flatMap(line => readValues(line, options))
  const left = new Set(
    all('EXDATE')
      .flatMap(line => readValues(line, options))
      .map(({ day }) => day),
  )
  const recurring =
    rule === undefined
      ? [start.day]
      : readRule(rule, start, value => readValue(rule, value, options, startLine), options.until)
  const firsts = [...recurring, ...listed.map(({ day }) => day)].filter(day => !left.has(day))
  return firsts.flatMap(first => Array.from({ length: days }, (_, index) => first + index))
}

const onlyOne = (lines: readonly ContentLine[], name: string): ContentLine | undefined => {
  const [first, second] = lines.filter(line => line.name === name)
  return second === undefined ? first : refuseLine(second, `one ${name} in an event`)
}

/** A date, or a date and time as the wall shows it. */
export interface CalendarTime {
  readonly day: number
  /** Milliseconds since midnight; null for a whole day. */
  readonly time: number | null
}

const DATE = /^(\d{4})(\d{2})(\d{2})$/
const DATE_TIME = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})(Z?)$/

const readValues = (line: ContentLine, options: DatesOptions): readonly CalendarTime[] =>
  line.value.split(',').map(value => readValue(line, value, options))

/** A value of a line; an instant is taken in the zone of `like`, which is the line itself unless another is given. */
const readValue = (line: ContentLine, value: string, options: DatesOptions, like = line): CalendarTime => {
  const text = value.trim()
  const date = DATE.exec(text)
  const time = DATE_TIME.exec(text)
  const local = readLocal(date === null ? (time === null ? '' : localText(time)) : date.slice(1).join('-'))
  if (Number.isNaN(local))
    return refuseLine(line, 'a date that exists, such as 20261225, or a time such as 20261225T090000')
  if (date !== null) return { day: local / DAY_MS, time: null }
  const shown = time?.[7] === 'Z' ? zoneFor(like, options).local(parseInstant(`${localText(time)}Z`)) : local
  const day = Math.floor(shown / DAY_MS)
  return { day, time: shown - day * DAY_MS }
}

const localText = ([, year, month, day, hour, minute, second]: RegExpExecArray): string =>
  `${year}-${month}-${day}T${hour}:${minute}:${second}`

const zoneFor = (line: ContentLine, { timezone = 'UTC' }: DatesOptions): ReturnType<typeof zoneOf> => {
  const name = line.parameters['TZID'] ?? timezone
  try {
    return zoneOf(name)
  } catch (error) {
    if (!isRotaError(error)) throw error
    return refuseLine(line, `a TZID that is an IANA name, such as Europe/Berlin, for '${name.slice(0, 40)}' is none`)
  }
}

/** How many local dates an event touches. */
const lengthOf = (
  start: CalendarTime,
  end: ContentLine | undefined,
  length: ContentLine | undefined,
  options: DatesOptions,
): number => {
  if (end !== undefined) return daysUntil(start, readValue(end, end.value, options), end)
  if (length === undefined) return 1
  const ms = readLength(length)
  const local = start.day * DAY_MS + (start.time ?? 0) + ms
  if (start.time === null && ms % DAY_MS !== 0) return refuseLine(length, 'whole days, such as P1D')
  const day = Math.floor(local / DAY_MS)
  return daysUntil(start, { day, time: start.time === null ? null : local - day * DAY_MS }, length)
}

const daysUntil = (start: CalendarTime, end: CalendarTime, line: ContentLine): number => {
  if ((start.time === null) !== (end.time === null))
    return refuseLine(line, 'a date where the start is a date, a time where it is a time')
  // The end is the first moment outside; an event without length is on its date all the same.
  const isSame = end.day === start.day && end.time === start.time
  const last = end.time === null || end.time === 0 ? end.day - 1 : end.day
  if (isSame && end.time !== null) return 1
  const days = last - start.day + 1
  if (days < 1 || isSame || (end.day === start.day && (end.time ?? 0) < (start.time ?? 0)))
    return refuseLine(line, 'an end that comes after the start')
  return days > LONGEST_EVENT_DAYS ? refuseLine(line, `an event of at most ${LONGEST_EVENT_DAYS} days`) : days
}

const LONGEST_EVENT_DAYS = 366

const LENGTH = /^P(?:(\d{1,4})W|(?:(\d{1,5})D)?(?:T(?:(\d{1,5})H)?(?:(\d{1,5})M)?(?:(\d{1,5})S)?)?)$/

const readLength = (line: ContentLine): number => {
  const found = LENGTH.exec(line.value.trim())
  const [weeks, days, hours, minutes, seconds] = (found ?? []).slice(1).map(part => Number(part ?? 0))
  const ms =
    ((weeks ?? 0) * 7 + (days ?? 0)) * DAY_MS + (((hours ?? 0) * 60 + (minutes ?? 0)) * 60 + (seconds ?? 0)) * 1_000
  return found === null || ms === 0 ? refuseLine(line, 'a length such as P1D, P2W or PT2H') : ms
}
