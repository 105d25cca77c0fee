/** Reads pages by CSS selectors. */

import { RotaError } from '../../base/errors.ts'
import type { Element, ParentNode } from 'domhandler'
import { absolute, elementsWithin, matching, pageOf } from './page.ts'
import type { Page } from './page.ts'
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
  const items = options.items === undefined ? null : checkSelector('items', options.items)
  return {
    promised: 'html',
    showsEmpty: false,
    read: async answer => {
      const page = await pageOf(answer)
      const all = elementsWithin(page.root)
      const parts = items === null ? [page.root] : matching(page, all, items)
      const columns = fields.map(field => [field.name, columnOf(page, all, parts, field)] as const)
      return parts.map((_, row) =>
        Object.fromEntries(columns.map(([name, values]) => [name, values[row]])),
      ) as HtmlItem<F>[]
    },
  }
}

/** The first value that a selector, with or without `@attribute`, finds in a page; undefined where there is none. */
export const findInPage = (page: Page, spec: string): string | undefined =>
  columnOf(page, elementsWithin(page.root), [page.root], fieldFrom('', [spec]))[0]?.[0]

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
    selector: selector === '.' ? '' : checkSelector(`the field '${name}'`, selector),
    attribute: cut ? attribute.toLowerCase() : null,
    list: typeof spec !== 'string',
  }
}

const checkSelector = (what: string, selector: string): string => {
  if (typeof selector === 'string' && !/^\s*[>+~]/.test(selector)) return selector
  throw new RotaError(
    'OPTION_INVALID',
    `html: ${what} is ${JSON.stringify(selector)}; a selector begins with an element.`,
  )
}

/** What a field is in each part of a page. A selector is run once over the whole page, however many parts there are. */
const columnOf = (
  page: Page,
  all: readonly Element[],
  parts: readonly ParentNode[],
  field: Field,
): readonly (string | null | readonly string[])[] => {
  const nodes = field.selector === '' ? parts.map(part => [part]) : byPart(parts, matching(page, all, field.selector))
  return nodes.map(own =>
    field.list ? valuesOf(page, own, field) : (valuesOf(page, own.slice(0, 1), field)[0] ?? null),
  )
}

const byPart = (parts: readonly ParentNode[], elements: readonly Element[]): readonly (readonly Element[])[] => {
  const found = new Map<ParentNode, Element[]>(parts.map(part => [part, []]))
  for (const element of elements) {
    for (let above = element.parent; above !== null; above = above.parent) found.get(above)?.push(element)
  }
  return [...found.values()]
}

const valuesOf = (page: Page, nodes: readonly ParentNode[], { attribute }: Field): readonly string[] => {
  if (attribute === null) return nodes.map(node => own(textOf(node)))
  return nodes.flatMap(node => {
    const value = 'attribs' in node ? node.attribs[attribute] : undefined
    return value === undefined ? [] : [own(ADDRESSES.has(attribute) ? absolute(value, page.base) : value)]
  })
}

// A piece of a string holds on to the whole: without a copy, each title would keep its page in memory until it is stored.
const own = (text: string): string => JSON.parse(JSON.stringify(text)) as string
