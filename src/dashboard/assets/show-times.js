/** Turns the instants of a page into the reader's zone, and lets the relative ones count on by the server's clock. */

import { clockTime, exactTime, longTime, relative, shortTime, took } from './times.js'

// A reader's clock may be wrong; what is "3 min ago" is so by the clock of the server.
let ahead = 0

/** Says what time it is at the server: the text of an instant. */
export const setNow = text => {
  const now = Date.parse(text ?? '')
  if (!Number.isNaN(now)) ahead = now - Date.now()
}

const forms = {
  ago: relative,
  elapsed: (at, now) => took(Math.max(now - at, 0)),
  short: (at, now) => shortTime(at, now),
  clock: (at, now) => clockTime(at, now),
  exact: (at, now) => exactTime(at, now),
  long: at => longTime(at),
}

const counting = new Set(['ago', 'elapsed'])

/** Rewrites the times within an element; with `onlyCounting`, those that change by themselves. */
export const showTimes = (root, onlyCounting = false) => {
  const now = Date.now() + ahead
  for (const element of root.querySelectorAll('time[data-form]')) {
    const { form } = element.dataset
    if (onlyCounting && !counting.has(form)) continue
    const at = Date.parse(element.dateTime)
    const text = forms[form]?.(at, now)
    if (text !== undefined && element.textContent !== text) element.textContent = text
    if (!onlyCounting) element.title = `${longTime(at)}\n${element.dateTime}`
  }
}
