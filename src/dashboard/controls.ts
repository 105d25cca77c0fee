/** Buttons that ask the API for something. Without scripts they are not shown: they could do nothing. */

import type { Schedule } from '../domain/schedule.ts'
import { html } from './html.ts'
import type { Html } from './html.ts'
import { segment } from './links.ts'
import { icon } from './state.ts'

/** A button that posts to an address of the API. */
export const action = (
  words: string,
  shape: string,
  path: string,
  more: { readonly kind?: 'calm' | 'danger'; readonly label?: string } = {},
): Html =>
  html`<button
    type="button"
    class="act ${more.kind ?? 'calm'}"
    data-post="${path}"
    data-key="${path}"
    ${more.label === undefined ? null : html` aria-label="${more.label}" title="${more.label}"`}
  >
    ${icon(shape)}<span>${words}</span>
  </button>`

/** A run by hand of a schedule's task, with the schedule's input. */
export const runNow = (schedule: Schedule): Html =>
  html`<button
    type="button"
    class="act calm"
    data-run-now="${schedule.name}"
    data-key="run-now ${schedule.name}"
    aria-label="Run now: ${schedule.name}"
    title="Run ${schedule.name} now, with its input"
  >
    ${icon('play')}<span>Run now</span>
  </button>`

/** What a schedule can be asked besides; one that has ended neither rests nor goes on. */
export const pauseOrResume = ({ name, paused, status }: Schedule): Html | null => {
  const path = `/api/v1/schedules/${segment(name)}`
  if (paused !== null) return action('Resume', 'play', `${path}/resume`, { label: `Resume ${name}` })
  return status === 'ended' ? null : action('Pause', 'pause', `${path}/pause`, { label: `Pause ${name}` })
}
