/** The first page: how all is, what happens now, what comes next, what failed; then every schedule and every source. */

import { about } from '../base/duration.ts'
import type { Health } from '../domain/health.ts'
import { finalStates, isOver } from '../domain/run.ts'
import type { Run } from '../domain/run.ts'
import type { Schedule } from '../domain/schedule.ts'
import type { App, ProcessStatus, SourceStatus, Status } from '../app.ts'
import { asExpected } from './coming.ts'
import { counted, html } from './html.ts'
import type { Html } from './html.ts'
import { section } from './layout.ts'
import { runsPath } from './links.ts'
import { ago } from './moment.ts'
import { comingUp, failedLately, liveNow, MOST_LIVE } from './now.ts'
import { page, region } from './page.ts'
import { scheduleList } from './schedule-list.ts'
import { sourceList } from './source-list.ts'
import { workerList } from './worker-list.ts'
import { icon } from './state.ts'
import { STRIP_LENGTH } from './strip.ts'
import { summarise } from './summary.ts'
import type { Summary } from './summary.ts'

// Rows beyond these are a page or a list further on.
const MOST_KNOWN = 1_000
const SCHEDULES_A_PAGE = 50
const FAILED_LOOKED_AT = 60

interface Facts {
  readonly status: Status
  readonly schedules: readonly Schedule[]
  /** Those of this page. */
  readonly shown: readonly Schedule[]
  readonly strips: ReadonlyMap<number, readonly Run[]>
  readonly live: readonly Run[]
  readonly failed: readonly Run[]
  readonly sources: readonly SourceStatus[]
  readonly healths: readonly Health[]
}

/** @param after the schedule below which this page goes on */
export const overview = async (app: App, after: string | undefined): Promise<Html> => {
  const facts = await ask(app, after)
  const { status, schedules, shown, strips, sources, healths } = facts
  const { now } = status
  const summary = summarise({ status, schedules, healths, outcomes: [...strips.values()].flatMap(newestOutcome) })
  return page({
    title: `Rota: ${summary.title}`,
    here: '/',
    now,
    events: 'kind=run,schedule,health,trouble',
    body: html`${region('summary', hero(summary, status))} ${region('now', isNew(facts) ? html`` : trio(facts))}
    ${region('schedules', section('Schedules', scheduleList(schedules, shown, strips, now), count(schedules.length)))}
    ${region('sources', sources.length === 0 ? html`` : section('Sources', sourceList(sources, now), sources.length))}
    ${region('workers', workersOf(status))} ${region('foot', foot(status))}`,
  })
}

const ask = async (app: App, after: string | undefined): Promise<Facts> => {
  const [status, known, running, waiting, failed, sources, healths] = await Promise.all([
    app.status(),
    app.schedules.list({ limit: MOST_KNOWN }),
    app.runs.list({ limit: MOST_LIVE + 1, states: ['running'] }),
    app.runs.list({ limit: MOST_LIVE + 1, states: ['retrying', 'queued', 'open'] }),
    app.runs.list({ limit: FAILED_LOOKED_AT, states: ['failed', 'partial'] }),
    app.sources.list(),
    app.healths(),
  ])
  const schedules = known.map(schedule => asExpected(app, schedule, status.now))
  const from = after === undefined ? 0 : schedules.findIndex(({ name }) => name > after)
  const shown = from < 0 ? [] : schedules.slice(from, from + SCHEDULES_A_PAGE)
  const strips = await app.schedules.strips(shown, STRIP_LENGTH)
  return { status, schedules, shown, strips, live: [...running, ...waiting], failed, sources, healths }
}

/** The newest run that came to an end by itself. */
const newestOutcome = (runs: readonly Run[]): readonly Run[] =>
  runs.filter(run => isOver(run) && run.state !== 'skipped' && run.state !== 'cancelled').slice(-1)

/** Nothing is there to be told of: the page teaches instead. */
const isNew = ({ schedules, status: { runs } }: Facts): boolean =>
  schedules.length === 0 && Object.values(runs).every(count => count === 0)

const count = (schedules: number): string => (schedules >= MOST_KNOWN ? `${schedules}+` : String(schedules))

const shapes = { well: 'healthy', quiet: 'paused', attention: 'degraded', trouble: 'failing' } as const

const hero = ({ tone, sentence }: Summary, status: Status): Html =>
  html`<section class="hero ${tone}">
    ${icon(shapes[tone])}
    <div>
      <h1>${sentence}</h1>
      ${lastDay(status)}
    </div>
  </section>`

const lastDay = ({ runs }: Status): Html => {
  const states = finalStates.filter(state => runs[state] > 0)
  if (states.length === 0) return html`<p>Nothing has run in the last 24 hours.</p>`
  const counts = states.map((state, i) => {
    const words = `${runs[state].toLocaleString('en-US')} ${state}`
    return html`${i > 0 && ' · '}<a href="${runsPath({ state })}">${words}</a>`
  })
  return html`<p>In the last 24 hours: ${counts}</p>`
}

const trio = ({ live, failed, schedules, status: { now } }: Facts): Html =>
  html`<div class="trio">
    ${liveNow(live, schedules, now)} ${comingUp(schedules, now)} ${failedLately(failed, now)}
  </div>`

/** One that works alone is counted at the foot. */
const workersOf = ({ workers, now }: Status): Html =>
  workers.length < 2 && workers.every(({ state, drained }) => state === 'alive' && drained === null)
    ? html``
    : section('Workers', workerList(workers, now), workers.length)

const foot = (status: Status): Html =>
  html`<footer>
    <span>Rota ${status.version}</span>
    <span>${status.store.engine}, ${status.store.place}, ${megabytes(status.store.bytes)}</span>
    <span>${counted(status.workers.length, 'worker')}</span>
    ${status.process !== null && html`<span>${loadOf(status.process)}</span>`}
    <span>time zones ${status.timezoneData}</span>
    <span>Node ${status.node}</span>
    ${status.startedAt !== null && html`<span>started ${ago(status.startedAt, status.now)}</span>`}
    <a href="/api/v1/openapi.json">API</a>
  </footer>`

const loadOf = ({ memoryMb, loopLagMs }: ProcessStatus): string =>
  `${memoryMb} MB of memory${loopLagMs < WORTH_SAYING_MS ? '' : `, blocked for up to ${about(loopLagMs)} in the last minute`}`

const WORTH_SAYING_MS = 100

const megabytes = (bytes: number): string =>
  bytes < 1_000_000 ? `${Math.ceil(bytes / 1_000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`
