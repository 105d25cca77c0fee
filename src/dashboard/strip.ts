/**
 * The last runs of a schedule as a row of marks, newest at the right. Each mark has a colour, a shape and words: what went
 * well is a bar, what failed stands out above it, what was skipped is a ring on the ground, what was late wears a cap.
 */

import type { Instant } from '../base/instant.ts'
import { durationMs } from '../domain/run.ts'
import type { Run } from '../domain/run.ts'
import type { Schedule } from '../domain/schedule.ts'
import { about, longTime, took } from './assets/times.js'
import { brief, counted, html } from './html.ts'
import type { Html } from './html.ts'
import { runPath } from './links.ts'
import { lateBy, wordOf } from './state.ts'

export const STRIP_LENGTH = 30

const CELL = 10
const HEIGHT = 28

/** @param runs oldest first, as `strips` gives them */
export const strip = (schedule: Schedule, runs: readonly Run[], now: Instant): Html => {
  const cells = runs.slice(-STRIP_LENGTH)
  const first = STRIP_LENGTH - cells.length
  const width = STRIP_LENGTH * CELL
  return html`<svg
    class="strip"
    viewBox="0 0 ${width} ${HEIGHT}"
    width="${width}"
    height="${HEIGHT}"
    role="group"
    aria-label="${summary(schedule, cells)}"
  >
    ${Array.from(
      { length: first },
      (_, i) => html`<use href="#m-none" x="${i * CELL}" class="none"></use>`,
    )}${cells.map((run, i) => cell(run, (first + i) * CELL, lateBy(run, now, schedule.policies.jitter)))}
  </svg>`
}

const cell = (run: Run, x: number, late: number | null): Html => {
  const words = told(run, late)
  return html`<a href="${runPath(run.id)}" class="mark ${run.state}" aria-label="${words}" data-tip="${words}"
    ><rect class="hit" x="${x}" y="0" width="${CELL}" height="${HEIGHT}"></rect
    ><use href="#m-${run.state}" x="${x}"></use>${
      late !== null && html`<use href="#m-late" x="${x}" class="late"></use>`
    }</a
  >`
}

const told = (run: Run, late: number | null): string => {
  const when = run.nominalAt ?? run.startedAt ?? run.createdAt
  const length = durationMs(run)
  const pieces = [
    `Run ${run.id}: ${wordOf(run.state)}${run.reason === null || run.reason === 'error' ? '' : ` (${run.reason})`}`,
    run.count > 1 ? `${run.count} times from ${longTime(when, 'UTC')} UTC` : `${longTime(when, 'UTC')} UTC`,
    late === null ? null : `${about(late)} late`,
    length === null || run.state === 'skipped' ? null : `took ${took(length)}`,
    run.error === null ? (run.detail === null ? null : brief(run.detail, 120)) : brief(run.error.message, 120),
  ]
  return pieces.filter(piece => piece !== null).join(' · ')
}

const summary = (schedule: Schedule, runs: readonly Run[]): string => {
  if (runs.length === 0) return `${schedule.name} has not run yet`
  const counts = [...Map.groupBy(runs, run => run.state)].map(([state, own]) => `${own.length} ${wordOf(state)}`)
  return `The last ${counted(runs.length, 'run')} of ${schedule.name}: ${counts.join(', ')}`
}
