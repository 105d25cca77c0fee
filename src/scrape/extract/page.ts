/** A page as a tree to select from. Foreign markup is parsed, never run, and only so deep as browsers go. */

import type { CheerioAPI } from 'cheerio/slim'
import type { Document, Element, ParentNode } from 'domhandler'
import type { DomHandler } from 'htmlparser2'
import type { Answer } from '../fetch/answer.ts'
import { brokenContract } from './reader.ts'

export interface Page {
  readonly $: CheerioAPI
  readonly root: Document
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
  const page = { $: load(handler.root), root: handler.root, base: url }
  const [base] = matching(page, elementsWithin(page.root), 'base[href]')
  return { ...page, base: absolute(base?.attribs['href'] ?? '', url) }
}

/** Every element within a part of a page, in order. */
export const elementsWithin = (parent: ParentNode): readonly Element[] => {
  const found: Element[] = []
  const walk = (node: ParentNode): void => {
    for (const child of node.children) {
      if (!('attribs' in child)) continue
      found.push(child)
      walk(child)
    }
  }
  walk(parent)
  return found
}

/**
 * Those of the elements that a selector matches. Searching below an element instead would be shorter, but costs the square
 * of the number of its children.
 *
 * @throws RotaError ANSWER_BROKEN when the selector is none
 */
export const matching = (page: Pick<Page, '$'>, elements: readonly Element[], selector: string): readonly Element[] => {
  try {
    return page
      .$([...elements])
      .filter(selector)
      .toArray()
  } catch (error) {
    throw brokenContract(`'${selector.slice(0, 100)}' cannot be used as a selector: ${(error as Error).message}`, error)
  }
}

/** An address as it is meant in a page. One that is none is kept as it was written: it is data, not ours to drop. */
export const absolute = (address: string, base: string): string => {
  const written = address.trim()
  return URL.canParse(written, base) ? new URL(written, base).href : address
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
