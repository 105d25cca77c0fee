/** A page as a tree to select from. Foreign markup is parsed, never run, and only so deep as browsers go. */

import type { CheerioAPI } from 'cheerio/slim'
import type { DomHandler } from 'htmlparser2'
import type { Answer } from '../fetch/answer.ts'
import { brokenContract } from './reader.ts'

export interface Page {
  readonly $: CheerioAPI
  /** What relative addresses in it are relative to. */
  readonly base: string
}

// Browsers stop nesting at 512. The parser's work grows with the depth: a page of nothing but open tags would take hours.
const DEEPEST = 1_000
// Embedded drawings and formulas are counted over the whole page: the parser keeps a list of them that unclosed ones lengthen.
const FOREIGN = new Set([
  'svg',
  'math',
  'mi',
  'mo',
  'mn',
  'ms',
  'mtext',
  'annotation-xml',
  'foreignobject',
  'desc',
  'title',
])
const MOST_FOREIGN = 50_000

const pages = new WeakMap<Answer, Promise<Page>>()

/** The page in an answer, parsed once however many look at it. @throws RotaError ANSWER_BROKEN */
export const pageOf = (answer: Answer): Promise<Page> => {
  const known = pages.get(answer) ?? parsePage(answer.text, answer.url)
  pages.set(answer, known)
  return known
}

/** Parses markup. @throws RotaError ANSWER_BROKEN */
export const parsePage = async (markup: string, url: string): Promise<Page> => {
  const [{ load }, { DomHandler, Parser }] = await Promise.all([import('cheerio/slim'), import('htmlparser2')])
  const handler = new DomHandler()
  const parser = new Parser(bounded(handler))
  parser.end(markup)
  const $ = load(handler.root)
  return { $, base: baseOf($('base[href]').first().attr('href'), url) }
}

const bounded = (handler: DomHandler): DomHandler => {
  const open = handler.onopentag.bind(handler)
  const close = handler.onclosetag.bind(handler)
  let depth = 0
  let foreign = 0
  handler.onopentag = (name, attributes) => {
    if (++depth > DEEPEST) throw brokenContract(`the page is nested more than ${DEEPEST} deep`)
    if (FOREIGN.has(name) && ++foreign > MOST_FOREIGN)
      throw brokenContract(`the page has more than ${MOST_FOREIGN} drawings`)
    open(name, attributes)
  }
  handler.onclosetag = () => {
    depth--
    close()
  }
  return handler
}

const baseOf = (said: string | undefined, url: string): string =>
  said !== undefined && URL.canParse(said, url) ? new URL(said, url).href : url
