/** Reads pages by CSS selectors. */

import { RotaError } from '../../base/errors.ts'
import { pageOf } from './page.ts'
import type { Page } from './page.ts'
import { brokenContract } from './reader.ts'
import type { FieldSpec, FieldSpecs, Reader } from './reader.ts'
import { textOf } from './text.ts'

/** Fields of an item from a page: text, or null where there is none; in brackets a list. */
export type HtmlItem<F extends FieldSpecs> = {
  readonly [K in keyof F]: F[K] extends string ? string | null : readonly string[]
}

/**
 * Reads a page: one item for each element that `items` matches, or a single item for the whole page without it.
 * A field is a selector within the item (`h1`: its text, spaces collapsed), a selector and an attribute (`a@href`;
 * addresses come out absolute), `@attribute` or `.` of the item itself; in brackets: all matches as a list.
 *
 * @example html({ items: 'article', fields: { title: 'h2', url: 'a@href', tags: ['.tag'] } })
 */
export const html = <const F extends FieldSpecs>(options: {
  readonly items?: string
  readonly fields: F
}): Reader<HtmlItem<F>> => {
  const fields = Object.entries(options.fields).map(([name, spec]) => fieldFrom(name, spec))
  if (fields.length === 0) throw new RotaError('OPTION_INVALID', 'html needs at least one field.')
  const { items } = options
  return {
    promised: 'html',
    showsEmpty: false,
    read: async answer => {
      const page = await pageOf(answer)
      const elements =
        items === undefined
          ? [whole(page)]
          : select(whole(page), items)
              .toArray()
              .map(element => page.$(element))
      return elements.map(element => itemFrom(page, element, fields)) as HtmlItem<F>[]
    },
  }
}

/** The first value that a selector, with or without `@attribute`, finds in a page; undefined where there is none. */
export const findInPage = (page: Page, spec: string): string | undefined => {
  const [value] = valuesAt(page, whole(page), fieldFrom('', spec))
  return value
}

const whole = (page: Page): Selection => page.$(page.$.root().toArray())

type Selection = ReturnType<Page['$']>

interface Field {
  readonly name: string
  /** '' for the item itself. */
  readonly selector: string
  readonly attribute: string | null
  readonly list: boolean
}

const ATTRIBUTE = /^[\w:-]+$/
const ADDRESSES = new Set(['href', 'src', 'action', 'poster', 'data', 'cite'])

const fieldFrom = (name: string, spec: FieldSpec): Field => {
  const text = typeof spec === 'string' ? spec : spec[0]
  if (typeof text !== 'string')
    throw new RotaError('OPTION_INVALID', `The field '${name}' is no selector; write 'h1', 'a@href' or ['a@href'].`)
  // An @ inside a selector stands in quotes and brackets, which no attribute name holds.
  const at = text.lastIndexOf('@')
  const attribute = at === -1 ? '' : text.slice(at + 1)
  const cut = ATTRIBUTE.test(attribute)
  const selector = (cut ? text.slice(0, at) : text).trim()
  return {
    name,
    selector: selector === '.' ? '' : selector,
    attribute: cut ? attribute.toLowerCase() : null,
    list: typeof spec !== 'string',
  }
}

const itemFrom = (page: Page, element: Selection, fields: readonly Field[]): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    fields.map(field => {
      const values = valuesAt(page, element, field)
      return [field.name, field.list ? values : (values[0] ?? null)]
    }),
  )

const valuesAt = (page: Page, within: Selection, field: Field): readonly string[] => {
  const found = select(within, field.selector)
  const nodes = field.list ? found.toArray() : found.toArray().slice(0, 1)
  return nodes.flatMap(node => {
    if (field.attribute === null) return [textOf(node)]
    const value = page.$(node).attr(field.attribute)
    return value === undefined ? [] : [ADDRESSES.has(field.attribute) ? absolute(value, page.base) : value]
  })
}

const select = (within: Selection, selector: string): Selection => {
  if (selector === '') return within
  try {
    return within.find(selector)
  } catch (error) {
    throw brokenContract(`'${selector.slice(0, 100)}' cannot be used as a selector: ${(error as Error).message}`, error)
  }
}

// An address that is none is kept as it was written: it is data, not ours to drop.
const absolute = (value: string, base: string): string =>
  URL.canParse(value.trim(), base) ? new URL(value.trim(), base).href : value
