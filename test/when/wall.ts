/** What windows say of the wall clock, told by Temporal alone: the other side of comparisons. */

import assert from 'node:assert/strict'
import type { Temporal } from 'temporal-polyfill'
import { MONTHS, WEEKDAYS } from '../../src/when/day-names.ts'
import type { Condition } from '../../src/when/condition.ts'
import type { DayOfMonth } from '../../src/when/day-names.ts'
import type { Window } from '../../src/when/window.ts'

/** Whether windows, joined in any way, contain a local time. */
export function contains(condition: Condition, local: Temporal.PlainDateTime): boolean {
  switch (condition.kind) {
    case 'and':
      return condition.of.every(part => contains(part, local))
    case 'or':
      return condition.of.some(part => contains(part, local))
    case 'not':
      return !contains(condition.of, local)
    default:
      return isIn(condition as Window, local)
  }
}

function isIn(window: Window, local: Temporal.PlainDateTime): boolean {
  const date = local.toPlainDate()
  switch (window.kind) {
    case 'between': {
      const time = local.toPlainTime().toString({ smallestUnit: 'millisecond' })
      const [from, to] = [window.from, window.to]
      return from < to ? time >= from && time < to : time >= from || time < to
    }
    case 'weekdays':
      return window.weekdays.includes(WEEKDAYS[date.dayOfWeek - 1] ?? 'monday')
    case 'days':
      return window.days.some(day => isNth(day, date, false))
    case 'months':
      return window.months.includes(MONTHS[date.month - 1] ?? 'january')
    case 'dates': {
      const text = local.toString({ smallestUnit: 'millisecond' })
      return (window.from === undefined || text >= window.from) && (window.until === undefined || text < window.until)
    }
    case 'named dates':
      return assert.fail('no named dates here')
    default:
      return window satisfies never
  }
}

/** Whether a date is the nth of something in its month. */
export function isNth({ nth, of }: DayOfMonth, date: Temporal.PlainDate, clamp: boolean): boolean {
  const days = Array.from({ length: date.daysInMonth }, (_, index) => date.with({ day: index + 1 }))
  const matching = days.filter(day =>
    of === 'day' ? true : of === 'working day' ? day.dayOfWeek <= 5 : day.dayOfWeek === WEEKDAYS.indexOf(of) + 1,
  )
  const index = clamp && of === 'day' && nth > 0 ? Math.min(nth, days.length) - 1 : nth > 0 ? nth - 1 : nth
  return matching.at(index)?.equals(date) === true && (index >= 0 || -index <= matching.length)
}
