/** Every schedule as a row: what it is, its last runs, when it comes next, and what it can be asked. */

import type { Instant } from '../base/instant.ts'
import { durationMs } from '../domain/run.ts'
import type { Run } from '../domain/run.ts'
import type { Schedule } from '../domain/schedule.ts'
import { took } from './assets/times.js'
import { nextOf } from './coming.ts'
import { pauseOrResume, runNow } from './controls.ts'
import { html } from './html.ts'
import type { Html } from './html.ts'
import { command, hint } from './layout.ts'
import { runPath, scheduleLink, segment } from './links.ts'
import { ago } from './moment.ts'
import { badge, wordOf } from './state.ts'
import { strip, STRIP_LENGTH } from './strip.ts'

/**
 * @param all every schedule that is known, by name
 * @param shown those of this page
 */
export const scheduleList = (
  all: readonly Schedule[],
  shown: readonly Schedule[],
  strips: ReadonlyMap<number, readonly Run[]>,
  now: Instant,
): Html => {
  if (all.length === 0) return noSchedules
  const last = shown.at(-1)
  const more =
    last !== undefined && last !== all.at(-1) && html`<a href="/?after=${segment(last.name)}">More schedules</a>`
  return html`<div class="columns" aria-hidden="true">
      <span>Schedule</span> <span>Last ${STRIP_LENGTH} runs</span> <span>Last</span> <span>Next</span>
    </div>
    <ul class="schedules">
      ${shown.map(schedule => row(schedule, strips.get(schedule.id) ?? [], now))}
    </ul>
    <p class="pager">${more}</p>`
}

const row = (schedule: Schedule, runs: readonly Run[], now: Instant): Html => {
  const { name, task, condition, timezone } = schedule
  return html`<li>
    <div class="who">
      <h3>${scheduleLink(name)}</h3>
      <p class="condition" title="${condition}">${condition}</p>
      <p class="zone-of">${timezone}${task === name ? null : ` · ${task}`}</p>
    </div>
    <div class="marks">${strip(schedule, runs, now)}</div>
    <div class="last">${lastOf(runs, now)}</div>
    <div class="next">${nextOf(schedule, now)}</div>
    <div class="acts">${runNow(schedule)}${pauseOrResume(schedule)}</div>
  </li>`
}

const lastOf = (runs: readonly Run[], now: Instant): Html => {
  const run = runs.at(-1)
  if (run === undefined) return html`<span class="nothing">has not run yet</span>`
  const at = run.endedAt ?? run.startedAt ?? run.createdAt
  const length = durationMs(run)
  const words = run.state === 'skipped' ? `skipped: ${run.reason ?? ''}` : wordOf(run.state)
  return html`<a class="plain" href="${runPath(run.id)}">${badge(run.state, words)}</a>
    <span class="fine">${ago(at, now)}${length !== null && run.state !== 'skipped' && ` · ${took(length)}`}</span>`
}

const noSchedules = hint(
  'Declare a schedule beside its task, and start again:',
  command(`app.task('fetch-news', async ({ signal }) => (await fetch('https://example.org/', { signal })).status)
app.schedule('news', { task: 'fetch-news', when: 'every 5 minutes', timezone: 'Europe/Berlin' })`),
  html`<p>Or try what a condition means before you use it:</p>`,
  command('rota next "every 5 minutes and between 09:00 and 17:00" --timezone Europe/Berlin'),
)
