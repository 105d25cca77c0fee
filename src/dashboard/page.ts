/** The frame of every page: its head, the way around, its regions that stay fresh, and the place where answers are said. */

import { formatInstant } from '../base/instant.ts'
import type { Instant } from '../base/instant.ts'
import { html } from './html.ts'
import type { Html } from './html.ts'
import { icon } from './state.ts'
import { symbols } from './symbols.ts'

export interface Page {
  /** Of the window. */
  readonly title: string
  readonly body: Html
  readonly now: Instant
  /** Which entry of the navigation this is. */
  readonly here?: '/' | '/runs'
  /** Which events make it look again: a query of /api/v1/events. Without it the page stands still. */
  readonly events?: string
}

export const page = ({ title, body, now, here, events }: Page): Html =>
  html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title}</title>
        <link rel="icon" href="/assets/rota.svg" type="image/svg+xml" />
        <link rel="stylesheet" href="/assets/rota.css" />
        <script src="/assets/theme.js"></script>
        <script src="/assets/page.js" type="module"></script>
      </head>
      <body data-now="${formatInstant(now)}" ${events === undefined ? null : html` data-events="${events}"`}>
        ${symbols}
        <a class="skip" href="#main">Skip to the content</a>
        <header class="top">
          <div class="wide">
            <a class="brand" href="/"
              ><svg class="logo" aria-hidden="true" width="20" height="20" viewBox="0 0 20 20">
                <path d="M16.900 6.500A8 8 0 1 1 10 2" class="line" />
                <circle cx="14.600" cy="3.500" r="2" class="full" /></svg
              >Rota</a
            >
            <nav aria-label="Pages">
              ${navigation.map(({ path, words }) => html`<a href="${path}" ${here === path ? html` aria-current="page"` : null}>${words}</a>`)}
            </nav>
            <span class="zone" id="zone" title="The zone in which times are shown">UTC</span>
            <span class="live" id="live" hidden><span class="dot"></span> <span class="words">live</span></span>
            <button
              type="button"
              class="bare"
              id="theme"
              hidden
              aria-label="Switch between light and dark"
              title="Switch between light and dark"
            >
              ${icon('light')}${icon('dark')}
            </button>
          </div>
        </header>
        <main id="main" class="wide" tabindex="-1">${body}</main>
        <div class="answers" id="answers" role="status" aria-live="polite"></div>
        <div class="tip" id="tip" aria-hidden="true" hidden></div>
      </body>
    </html>`

const navigation = [
  { path: '/', words: 'Overview' },
  { path: '/runs', words: 'Runs' },
] as const

/** A part of a page that is replaced when something happened. Its name is unique on the page. */
export const region = (name: string, content: Html): Html => html`<div data-region="${name}">${content}</div>`
