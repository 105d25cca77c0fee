/** The fields of a query or a body against their schema: what is unknown or wrong is refused, with the nearest right name. */

import { z } from '@hono/zod-openapi'
import { RotaError } from '../base/errors.ts'
import { nearest } from '../base/nearest.ts'

/** The fields that may be given, by name. */
export type Fields = Readonly<Record<string, z.ZodType>>

export type Read<F extends Fields> = z.output<z.ZodObject<F>>

/**
 * The parameters of an address. Each may be given once; an empty one counts as not given.
 *
 * @throws RotaError OPTION_INVALID
 */
export const readQuery = <F extends Fields>(fields: F, query: URLSearchParams): Read<F> => {
  const given = [...query].filter(([, value]) => value !== '')
  const twice = given.find(([name], i) => given.findIndex(([other]) => other === name) !== i)
  if (twice !== undefined)
    throw wrong(`The parameter '${shown(twice[0])}' is there twice; give several values with commas.`, twice[0])
  return readFields('parameter', fields, Object.fromEntries(given))
}

/**
 * The fields of a body; one that is missing altogether counts as empty.
 *
 * @throws RotaError OPTION_INVALID
 */
export const readFields = <F extends Fields>(what: 'parameter' | 'field', fields: F, given: unknown): Read<F> => {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new RotaError('OPTION_INVALID', 'The body is a JSON object, such as {"input": null}.')
  }
  refuseUnknown(what, Object.keys(fields), Object.keys(given))
  const read = z.object(fields).safeParse(given)
  if (read.success) return read.data
  const [issue] = read.error.issues
  const path = (issue?.path ?? []).map(String).join('.')
  if (issue?.path.length === 1 && !Object.hasOwn(given, path)) throw wrong(`The ${what} '${path}' is missing.`, path)
  throw wrong(
    `The ${what} '${path}' is wrong: ${(issue?.message ?? 'it does not fit').replace('Invalid input: ', '')}.`,
    path,
  )
}

// Words from other schedulers and from Rota's own library, where this API says it differently.
const alsoCalled: ReadonlyMap<string, string> = new Map([
  ['when', 'condition'],
  ['cron', 'condition'],
  ['tz', 'timezone'],
  ['states', 'state'],
  ['page', 'cursor'],
])

const refuseUnknown = (what: string, known: readonly string[], given: readonly string[]): void => {
  const unknown = given.find(name => !known.includes(name))
  if (unknown === undefined) return
  const hint = nearestField(unknown, known)
  throw new RotaError('OPTION_INVALID', `There is no ${what} '${shown(unknown)}'. ${adviceOf(hint, known)}`, {
    details: { option: shown(unknown), ...(hint === undefined ? {} : { hint }) },
  })
}

const nearestField = (unknown: string, known: readonly string[]): string | undefined => {
  const other = alsoCalled.get(unknown)
  return other !== undefined && known.includes(other) ? other : nearest(unknown, known)
}

const adviceOf = (hint: string | undefined, known: readonly string[]): string => {
  if (hint !== undefined) return `Did you mean '${hint}'?`
  return known.length === 0 ? 'None is taken here.' : `Known are ${known.join(', ')}.`
}

const wrong = (message: string, option: string): RotaError =>
  new RotaError('OPTION_INVALID', message, { details: { option: shown(option) } })

const shown = (name: string): string => name.slice(0, 40)

const MOST_ROWS = 200

/** How many rows are wanted: any number, brought between 1 and 200. */
export const limit = (unless: number): z.ZodType<number> =>
  z
    .string()
    .regex(/^-?\d{1,20}(\.\d{1,20})?(e\d{1,3})?$/i, `it is a number from 1 to ${MOST_ROWS}`)
    .transform(text => Math.trunc(Math.min(Math.max(Number(text), 1), MOST_ROWS)))
    .default(unless)
    .openapi({ type: 'integer', minimum: 1, maximum: MOST_ROWS, default: unless, description: 'At most so many rows.' })

/** Some of a fixed set of words, with commas between. */
export const oneOrMore = <const W extends string>(words: readonly W[]): z.ZodType<readonly W[]> =>
  z
    .string()
    .transform(text => text.split(',').map(word => known(words, word.trim())))
    .openapi({
      type: 'string',
      description: `One or more of ${words.join(', ')}, with commas between.`,
      example: words[0],
    })

const known = <W extends string>(words: readonly W[], given: string): W => {
  const word = words.find(word => word === given)
  if (word !== undefined) return word
  const hint = nearest(given, words)
  throw new RotaError(
    'OPTION_INVALID',
    `'${shown(given)}' is none of the words that go here. ${adviceOf(hint, words)}`,
    {
      details: { value: shown(given), ...(hint === undefined ? {} : { hint }) },
    },
  )
}

/** A name to filter by. */
export const filterName = (what: string): z.ZodOptional<z.ZodString> =>
  z
    .string()
    .max(100)
    .optional()
    .openapi({ description: `Only of this ${what}.` })

export const cursorText = z.string().optional().openapi({ description: 'Where to go on: `next` of the page before.' })
