/**
 * HTML as a template, safe by construction: every text that goes in is escaped and made harmless, whoever wrote it. What
 * may stand as it is has been through here before.
 */

import { html as template } from 'hono/html'
import type { HtmlEscapedString } from 'hono/utils/html'
import { neutral } from '../base/foreign.ts'

export type Html = HtmlEscapedString

/** What a template takes: text and numbers, pieces of HTML, lists of these, and nothing. */
export type Part = string | number | Html | readonly Part[] | false | null | undefined

/** @example html`<p>${name}</p>` */
export const html = (strings: TemplateStringsArray, ...parts: readonly Part[]): Html =>
  // Without a promise among the parts, the template is no promise either.
  template(strings, ...parts.map(harmless)) as Html

const harmless = (part: Part): unknown => {
  if (typeof part === 'string') return foreign(part)
  return Array.isArray(part) ? (part as readonly Part[]).map(harmless) : part
}

/** Text of others with its harmful characters made visible; line breaks and tabs stay what they are. */
export const foreign = (text: string): string =>
  text.replaceAll('\r\n', '\n').replaceAll(/[^\n\t]+/g, line => neutral(line))

/** At most so many characters of a text, as one line. */
export const brief = (text: string, length: number): string =>
  neutral((text.trim().split('\n')[0] ?? '').trim(), length)

/** `one` or `many`, by the count, with the count before it: `1 run`, `3 runs`. */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${count.toLocaleString('en-US')} ${count === 1 ? one : many}`

export const empty: Html = html``
