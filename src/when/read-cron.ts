/** Finds cron text inside a condition: its fields, up to the `and`, `or` or bracket that ends it. */

import type { Cron } from './moment.ts'
import { NICKNAMES, readCron } from './cron.ts'
import type { CronField } from './cron-field.ts'
import { nearest } from '../base/nearest.ts'
import type { Reader } from './reader.ts'

/** Whether cron text comes next: what begins with a star or the like, or a number that is followed by another field. */
export const cronIsNext = (reader: Reader): boolean => {
  const [first, second] = fieldsFrom(reader.text, reader.next.position, 2)
  if (first === undefined) return false
  if (/^[*?@/,＊+-]/.test(first.text)) return true
  const isNumeric = /^\d[\d*,/-]*$/.test(first.text) && !/^\d{4}-\d{2}-/.test(first.text)
  if (second === undefined) return isNumeric && /[*,/-]/.test(first.text)
  return isNumeric ? /^[\d*?L]/i.test(second.text) : isStray(first.text) && /^[*?]/.test(second.text)
}

export const readCronText = (reader: Reader): Cron => {
  if (reader.text[reader.next.position] === '@') return readNickname(reader)
  const fields = fieldsFrom(reader.text, reader.next.position, MOST_FIELDS)
  const { text } = readCron(fields)
  const last = fields.at(-1)
  reader.moveTo((last?.position ?? 0) + (last?.text.length ?? 0))
  return { kind: 'cron', text }
}

// One more than are ever allowed, so that the surplus one can be shown.
const MOST_FIELDS = 8

// Letters where a field belongs: the star behind them shows that cron was meant (`L * * * *`, `H/15 * * * *`).
const isStray = (text: string): boolean => /^[A-Z?][\w/,#-]*$/i.test(text)

const readNickname = (reader: Reader): Cron => {
  const [field] = fieldsFrom(reader.text, reader.next.position, 1)
  const name = field?.text.toLowerCase() ?? ''
  const text = Object.hasOwn(NICKNAMES, name) ? NICKNAMES[name] : undefined
  if (text === undefined) {
    const token = { ...reader.next, text: field?.text ?? '' }
    throw reader.refusal(token, `one of ${Object.keys(NICKNAMES).join(', ')}`, nearest(name, Object.keys(NICKNAMES)))
  }
  reader.moveTo((field?.position ?? 0) + name.length)
  return { kind: 'cron', text }
}

const FIELD = /[^\s()&|~]+/y
const SPACE = /\s*/y
const JOINS = /^(?:and|or|not)$/i

const fieldsFrom = (text: string, start: number, most: number): readonly CronField[] => {
  const fields: CronField[] = []
  for (let position = start; fields.length < most;) {
    SPACE.lastIndex = position
    SPACE.exec(text)
    FIELD.lastIndex = SPACE.lastIndex
    const found = FIELD.exec(text)
    if (found === null || JOINS.test(found[0])) return fields
    fields.push({ text: found[0], position: found.index })
    position = FIELD.lastIndex
  }
  return fields
}
