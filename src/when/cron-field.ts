/** One field of a cron text: stars, numbers, names, ranges, lists and steps as values. */

import { nearest } from '../base/nearest.ts'
import { unreadable } from './unreadable.ts'

/** One field as written, and where. */
export interface CronField {
  readonly text: string
  readonly position: number
}

export interface FieldKind {
  readonly name: string
  readonly min: number
  readonly max: number
  /** The highest value a star reaches: a week has seven days, though 7 may be written. */
  readonly last: number
  readonly names: readonly string[]
}

export const SECOND: FieldKind = { name: 'second', min: 0, max: 59, last: 59, names: [] }
export const MINUTE: FieldKind = { name: 'minute', min: 0, max: 59, last: 59, names: [] }
export const HOUR: FieldKind = { name: 'hour', min: 0, max: 23, last: 23, names: [] }
export const DAY_OF_MONTH: FieldKind = { name: 'day of month', min: 1, max: 31, last: 31, names: [] }
export const MONTH: FieldKind = {
  name: 'month',
  min: 1,
  max: 12,
  last: 12,
  names: ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'],
}
export const DAY_OF_WEEK: FieldKind = {
  name: 'day of week',
  min: 0,
  max: 7,
  last: 6,
  names: ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'],
}

/** What a field that is not written stands for. */
export const ZERO: CronField = { text: '0', position: 0 }

/** The values of one field, or of one item of it. */
export interface Values {
  readonly values: readonly number[]
  readonly hasStar: boolean
  readonly hasStep: boolean
  readonly isAll: boolean
}

export const readPlain = (kind: FieldKind, field: CronField = ZERO): Values => {
  const items = itemsOf(field).map(item => readItem(kind, item))
  return {
    values: items.flatMap(item => item.values),
    hasStar: items.some(item => item.hasStar),
    hasStep: items.some(item => item.hasStep),
    isAll: items.some(item => item.isAll),
  }
}

export const itemsOf = ({ text, position }: CronField): readonly CronField[] => {
  let at = position
  return text.split(',').map(item => {
    const here = { text: upper(item), position: at }
    at += item.length + 1
    return here
  })
}

// A base and perhaps a step; what the parts are is checked one by one, for the sake of the message.
export const readItem = (kind: FieldKind, item: CronField): Values => {
  const [base = '', step, surplus] = item.text.split('/')
  if (base === '' || surplus !== undefined) throw wrong(kind, item)
  const hasStar = base === '*' || (base === '?' && (kind === DAY_OF_MONTH || kind === DAY_OF_WEEK))
  const range = hasStar ? [kind.min, kind.last] : readRange(kind, { ...item, text: base }, step !== undefined)
  const by = step === undefined ? 1 : readStep(kind, { text: step, position: item.position + base.length + 1 })
  return {
    values: stepThrough(kind, range, by),
    hasStar,
    hasStep: step !== undefined,
    isAll: hasStar && by === 1,
  }
}

const readRange = (kind: FieldKind, { text, position }: CronField, hasStep: boolean): readonly number[] => {
  const [first = '', second, surplus] = text.split('-')
  if (surplus !== undefined) throw wrong(kind, { text, position })
  const from = readValue(kind, { text: first, position })
  // 5/10 means from 5 to the end.
  if (second === undefined) return [from, hasStep ? kind.last : from]
  return [from, readValue(kind, { text: second, position: position + first.length + 1 })]
}

export const readValue = (kind: FieldKind, field: CronField): number => {
  const named = kind.names.indexOf(field.text)
  if (named >= 0) return named + kind.min
  const value = /^\d{1,2}$/.test(field.text) ? Number(field.text) : Number.NaN
  if (value >= kind.min && value <= kind.max) return value
  throw wrong(kind, field)
}

const readStep = (kind: FieldKind, field: CronField): number => {
  const step = /^\d{1,3}$/.test(field.text) ? Number(field.text) : 0
  if (step >= 1 && step <= kind.max) return step
  throw unreadable({
    position: field.position,
    found: field.text,
    expected: `a step from 1 to ${kind.max}${step > kind.max ? `, for a larger one skips every ${kind.name} but the first` : ''}`,
  })
}

const stepThrough = (kind: FieldKind, [from = 0, to = 0]: readonly number[], by: number): readonly number[] => {
  const size = kind.last - kind.min + 1
  // A range that ends before it begins goes on from the start; Sunday may be written 7, as the end of a week.
  const end = to < from ? to + size : to
  const values: number[] = []
  for (let value = from; value <= end && value < from + size; value += by)
    values.push(((value - kind.min) % size) + kind.min)
  return values
}

/** The bits of some small numbers. */
export const bitsOf = (values: readonly number[]): number => values.reduce((bits, value) => bits | (1 << value), 0)

// Only a to z: there are letters elsewhere whose upper case is one of ours.
const upper = (text: string): string =>
  /[a-z]/.test(text) ? text.replaceAll(/[a-z]+/g, letters => letters.toUpperCase()) : text

// Numbers without leading zeros, so that equal texts have equal data.
export const canonical = (text: string): string => upper(text).replaceAll(/\b0+(?=\d)/g, '')

/** The error of an item that is not of this kind. */
export const wrong = (kind: FieldKind, { text, position }: CronField): Error => {
  const named = kind.names.length === 0 ? '' : ` or ${kind.names[0]} to ${kind.names.at(-1)}`
  const extra = kind === DAY_OF_MONTH ? ', L, L-3, LW or 15W' : kind === DAY_OF_WEEK ? ', 5L or 5#2' : ''
  const name = /^[A-Z]{2,9}$/.test(text) ? nearestName(kind, text) : undefined
  return unreadable({
    position,
    found: text,
    expected: `${kind.name} ${kind.min} to ${kind.max}${named}${extra}`,
    hint: name,
  })
}

const nearestName = (kind: FieldKind, text: string): string | undefined =>
  kind.names.find(name => text.startsWith(name)) ?? nearest(text, kind.names)
