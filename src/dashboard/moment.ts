/** An instant as an element: right without scripts, in UTC; in the reader's zone and counting on with them. */

import { formatInstant } from '../base/instant.ts'
import type { Instant } from '../base/instant.ts'
import { clockTime, exactTime, longTime, relative, shortTime, took } from './assets/times.js'
import { html } from './html.ts'
import type { Html } from './html.ts'

/** `in 12 s`, `3 min ago`. */
export const ago = (at: Instant, now: Instant): Html => moment('ago', at, relative(at, now))

/** `09:12:30`, or with the day where it is another one. */
export const short = (at: Instant, now: Instant): Html => moment('short', at, shortTime(at, now, 'UTC'))

/** `09:12 UTC`: within a sentence. */
export const clock = (at: Instant, now: Instant): Html => moment('clock', at, `${clockTime(at, now, 'UTC')} UTC`)

/** `09:12 UTC`, or `09:12:05 UTC`: within a sentence about a moment that a schedule names. */
export const exact = (at: Instant, now: Instant): Html => moment('exact', at, `${exactTime(at, now, 'UTC')} UTC`)

/** `22 Nov 2026, 09:12:30`. */
export const long = (at: Instant): Html => moment('long', at, longTime(at, 'UTC'))

/** How long something that goes on has taken: counts up. */
export const elapsed = (since: Instant, now: Instant): Html => moment('elapsed', since, took(Math.max(now - since, 0)))

const moment = (form: string, at: Instant, text: string): Html =>
  html`<time datetime="${formatInstant(at)}" title="${longTime(at, 'UTC')} UTC" data-form="${form}">${text}</time>`
