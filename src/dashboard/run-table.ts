/** Runs as rows of a table, newest first. */

import type { Instant } from '../base/instant.ts'
import { durationMs } from '../domain/run.ts'
import type { Run } from '../domain/run.ts'
import type { Schedule } from '../domain/schedule.ts'
import { took } from './assets/times.js'
import { brief, html } from './html.ts'
import type { Html } from './html.ts'
import { table } from './layout.ts'
import { runLink, scheduleLink, taskLink } from './links.ts'
import { ago, short } from './moment.ts'
import { jitterBy, lateBadge, lateBy, runState } from './state.ts'

const columns = ['Run', 'Name', 'State', 'Due', 'Started', { number: 'Took' }, 'Why']

/** @param schedules those that the runs may belong to: what they allow as jitter is not called late */
export const runTable = (runs: readonly Run[], schedules: readonly Schedule[], now: Instant): Html => {
  const jitter = jitterBy(schedules)
  const rows = runs.map(run => row(run, lateBadge(lateBy(run, now, jitter(run))), now))
  return table('Runs', columns, rows, 'runs')
}

const row = (run: Run, late: Html | null, now: Instant): Html => {
  const length = durationMs(run)
  return html`<tr>
    <td class="id">${runLink(run.id)}</td>
    <td class="of">${run.schedule === null ? taskLink(run.task) : scheduleLink(run.schedule)} ${trigger(run)}</td>
    <td class="is">${runState(run)}${late}</td>
    <td class="due">${due(run, now)}</td>
    <td class="began">
      ${run.startedAt === null ? html`<span class="nothing">not started</span>` : ago(run.startedAt, now)}
    </td>
    <td class="n">${length !== null && run.state !== 'skipped' && took(length)}</td>
    <td class="say">${why(run)}</td>
  </tr>`
}

const trigger = ({ trigger }: Run): Html | null =>
  trigger.kind === 'schedule' ? null : html`<span class="tag">${tags[trigger.kind]}</span>`

const tags = { event: 'by hand', hand: 'by hand', again: 'again', flow: 'step' } as const

const due = (run: Run, now: Instant): Html => {
  if (run.nominalAt === null) return html`<span class="nothing">–</span>`
  return html`${short(run.nominalAt, now)} ${run.count > 1 && html`<span class="tag">${run.count} times</span>`}`
}

const why = (run: Run): Html => {
  const units = run.unitsOk + run.unitsFailed
  return html`${brief(run.error?.message ?? run.detail ?? '', 160)}
  ${run.unitsFailed > 0 && html`<span class="tag">${run.unitsFailed} of ${units} units failed</span>`}`
}
