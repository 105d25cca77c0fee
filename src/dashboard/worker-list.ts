/** The workers as rows of a table. */

import type { Instant } from '../base/instant.ts'
import type { WorkerStatus } from '../app.ts'
import { html } from './html.ts'
import type { Html } from './html.ts'
import { table } from './layout.ts'
import { ago, short } from './moment.ts'
import { badge } from './state.ts'

const columns = ['Worker', 'State', 'Host', 'Version', 'Started', { number: 'Runs' }]

export const workerList = (workers: readonly WorkerStatus[], now: Instant): Html =>
  table(
    'Workers',
    columns,
    workers.map(worker => row(worker, now)),
  )

const row = ({ worker, host, version, startedAt, runs, ...status }: WorkerStatus, now: Instant): Html =>
  html`<tr>
    <td>${worker}</td>
    <td>${stateOf(status, now)}</td>
    <td>${host}</td>
    <td>${version}</td>
    <td>${ago(startedAt, now)}</td>
    <td class="n">${runs}</td>
  </tr>`

const looks = { alive: 'healthy', silent: 'degraded', dead: 'failing' } as const

const stateOf = (
  { state, silentSince, drained }: Pick<WorkerStatus, 'state' | 'silentSince' | 'drained'>,
  now: Instant,
): Html =>
  html`${badge(looks[state], state)}
  ${silentSince !== null && html`<span class="fine">since ${short(silentSince, now)}</span>`}
  ${drained !== null && html`<span class="fine">takes nothing new since ${short(drained.at, now)}, by ${drained.by}</span>`}`
