/** Reads a page as a browser would: its elements, and its text with the spaces that are seen. */

import assert from 'node:assert/strict'
import { load } from 'cheerio'
import type { CheerioAPI } from 'cheerio'
import { pages } from '../../src/dashboard/pages.ts'
import type { PlainApp } from '../server/plain-app.ts'

export interface Read {
  readonly status: number
  readonly $: CheerioAPI
  /** Of the elements that a selector finds, each as one line. */
  readonly lines: (selector: string) => readonly string[]
  readonly text: string
}

export const open = async (app: PlainApp, path: string): Promise<Read> => read(await pages(app).request(path))

export const read = async (response: Response): Promise<Read> => {
  assert.match(response.headers.get('content-type') ?? '', /^text\/html/)
  const $ = load(await response.text())
  const line = (text: string): string => text.replaceAll(/\s+/g, ' ').trim()
  return {
    status: response.status,
    $,
    lines: selector =>
      $(selector)
        .toArray()
        .map(element => line($(element).text())),
    text: line($('main').text()),
  }
}
