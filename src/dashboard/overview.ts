/** The first page: how all is, what happens now, what comes next, what failed; then every schedule and every source. */

import type { Instant } from '../base/instant.ts'
import type { Health } from '../domain/health.ts'
import { durationMs, isOver } from '../domain/run.ts'
import type { Run } from '../domain/run.ts'
import type { Schedule } from '../domain/schedule.ts'
import type { App, SourceStatus, Status } from '../rota.ts'
import { took } from './assets/times.js'
import { nextOf } from './coming.ts'
import { pauseOrResume, runNow } from './controls.ts'
import { brief, counted, html } from './html.ts'
import type { Html, Part } from './html.ts'
import { nameOf, runPath, runsPath, scheduleLink, segment, sourceLink } from './links.ts'
import { ago, elapsed, short } from './moment.ts'
import { command, hint, page, region } from './page.ts'
import { badge, icon, jitterBy, lateBadge, lateBy, overdueBy, wordOf } from './state.ts'
import { strip, STRIP_LENGTH } from './strip.ts'
import { summarise } from './summary.ts'

// Rows beyond these are a page or a list further on.
const MOST_KNOWN = 1_000
const SCHEDULES_A_PAGE = 50
const MOST_LIVE = 6
const MOST_COMING = 6
const FAILED_LOOKED_AT = 60
const MOST_FAILED = 5

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
  const { status, schedules, strips, healths } = facts
  const outcomes = [...strips.values()].flatMap(
    runs => runs.findLast(run => isOver(run) && run.state !== 'skipped' && run.state !== 'cancelled') ?? [],
  )
  const summary = summarise({ status, schedules, healths, outcomes })
  return page({
    title: `Rota: ${summary.title}`,
    here: '/',
    now: status.now,
    events: 'kind=run,schedule,health,trouble',
    body: html` ${region(
      'summary',
      html`<section class="hero ${summary.tone}">
        ${icon(shapes[summary.tone])}
        <div>
          <h1>${summary.sentence}</h1>
          ${lastDay(status)}
        </div>
      </section>`,
    )}
    ${region('now', isNew(facts) ? html`` : html`<div class="trio">${liveNow(facts)}${comingUp(facts, app)}${failedLately(facts)}</div>`)}
    ${region(
      'schedules',
      html`<section>
        <h2>Schedules ${count(schedules.length)}</h2>
        ${scheduleList(facts)}
      </section>`,
    )}
    ${region('sources', sourceList(facts))} ${region('foot', foot(status))}`,
  })
}

/** Nothing is there to be told of: the page teaches instead. */
const isNew = ({ schedules, status: { runs } }: Facts): boolean =>
  schedules.length === 0 && Object.values(runs).every(count => count === 0)

const shapes = { well: 'healthy', quiet: 'paused', attention: 'degraded', trouble: 'failing' } as const

const ask = async (app: App, after: string | undefined): Promise<Facts> => {
  const [status, schedules, running, waiting, failed, sources, healths] = await Promise.all([
    app.status(),
    app.schedules.list({ limit: MOST_KNOWN }),
    app.runs.list({ limit: MOST_LIVE + 1, states: ['running'] }),
    app.runs.list({ limit: MOST_LIVE + 1, states: ['retrying', 'queued', 'open'] }),
    app.runs.list({ limit: FAILED_LOOKED_AT, states: ['failed', 'partial'] }),
    app.sources.list(),
    app.healths(),
  ])
  const from = after === undefined ? 0 : schedules.findIndex(({ name }) => name > after)
  const shown = from < 0 ? [] : schedules.slice(from, from + SCHEDULES_A_PAGE)
  const strips = await app.schedules.strips(shown, STRIP_LENGTH)
  return { status, schedules, shown, strips, live: [...running, ...waiting], failed, sources, healths }
}

const count = (number: number): Html => html`<span class="count">${number >= MOST_KNOWN ? `${number}+` : number}</span>`

const lastDay = ({ runs }: Status): Html => {
  const words = (['succeeded', 'partial', 'failed', 'cancelled', 'skipped'] as const).filter(state => runs[state] > 0)
  if (words.length === 0) return html`<p>Nothing has run in the last 24 hours.</p>`
  const pieces = words.map(
    (state, i) =>
      html`${i > 0 && ' · '}<a href="${runsPath({ state })}">${runs[state].toLocaleString('en-US')} ${state}</a>`,
  )
  return html`<p>In the last 24 hours: ${pieces}</p>`
}

// ---------------------------------------------------------------------------------------------------------------------
// Now, next, failed

const panel = (title: string, more: Part, rows: readonly Html[], otherwise: string): Html =>
  html`<section class="panel">
    <h2>${title}${more}</h2>
    ${
      rows.length === 0
        ? html`<p class="nothing">${otherwise}</p>`
        : html`<ul class="rows">
            ${rows}
          </ul>`
    }
  </section>`

const row = (shape: string, kind: string, name: Html, right: Part, below: Part = null): Html =>
  html`<li>
    <span class="shape ${kind}">${icon(shape)}</span> <span class="what">${name}</span>
    <span class="when">${right}</span> ${below !== null && html`<span class="below">${below}</span>`}
  </li>`

const runName = (run: Run): Html =>
  html`<a class="name" href="${runPath(run.id)}" title="${nameOf(run)}">${nameOf(run)}</a>`

const liveNow = ({ live, schedules, status: { now } }: Facts): Html => {
  const jitter = jitterBy(schedules)
  const rows = live
    .slice(0, MOST_LIVE)
    .map(run =>
      row(
        run.state,
        run.state,
        runName(run),
        liveTime(run, now),
        liveWords(run, lateBadge(lateBy(run, now, jitter(run)))),
      ),
    )
  const more =
    live.length > MOST_LIVE &&
    html`<a class="more" href="${runsPath({ state: 'running,retrying,queued,open' })}">all</a>`
  return panel('Now', more, rows, 'Nothing runs at this moment.')
}

const liveTime = (run: Run, now: Instant): Html => {
  if (run.state === 'running' && run.startedAt !== null) return elapsed(run.startedAt, now)
  return run.retryAt === null ? ago(run.createdAt, now) : ago(run.retryAt, now)
}

const liveWords = (run: Run, late: Html | null): Part => {
  const attempt =
    run.attempt > 1 || run.state === 'retrying' ? `attempt ${run.attempt} of ${run.attemptsAllowed}` : null
  const why = run.state === 'running' ? null : brief(run.error?.message ?? run.detail ?? '', 90)
  const words = [wordOf(run.state), attempt, why].filter(Boolean).join(' · ')
  return html`${words} ${late}`
}

const comingUp = ({ schedules, status: { now } }: Facts, app: App): Html => {
  const rows = schedules
    .filter(schedule => schedule.paused === null && schedule.status === 'active' && schedule.nextAt !== null)
    .toSorted((a, b) => (a.nextAt ?? 0) - (b.nextAt ?? 0))
    .slice(0, MOST_COMING)
    .flatMap(schedule => {
      const at = overdueBy(schedule, now) === null ? app.schedules.upcoming(schedule, 1)[0] : schedule.nextAt
      return at === undefined || at === null
        ? []
        : row(
            'open',
            'open',
            scheduleLink(schedule.name),
            ago(at, now),
            html`${short(at, now)} ${lateBadge(overdueBy(schedule, now))}`,
          )
    })
  return panel('Next', null, rows, 'Nothing is to come.')
}

const failedLately = ({ failed, status: { now } }: Facts): Html => {
  // A source that fails every minute is one thing to know, not sixty.
  const groups = [...Map.groupBy(failed, run => `${nameOf(run)} ${run.state} ${kindOf(whyOf(run))}`).values()]
  const rows = groups.slice(0, MOST_FAILED).flatMap(([run, ...others]) => {
    if (run === undefined) return []
    const times = others.length > 0 && html` <span class="tag">${others.length + 1} times</span>`
    const when = run.endedAt !== null && ago(run.endedAt, now)
    return row(run.state, run.state, runName(run), when, html`${brief(whyOf(run), 120)}${times}`)
  })
  const more = rows.length > 0 && html`<a class="more" href="${runsPath({ state: 'failed,partial' })}">all</a>`
  return panel('Failed lately', more, rows, 'Nothing failed.')
}

const whyOf = (run: Run): string => run.error?.message ?? run.detail ?? run.reason ?? ''

// Failures that differ in a number only are of one kind.
const kindOf = (why: string): string => why.slice(0, 200).replaceAll(/\d+/g, '0')

// ---------------------------------------------------------------------------------------------------------------------
// Schedules

const scheduleList = (facts: Facts): Html => {
  const { schedules, shown } = facts
  if (schedules.length === 0) return noSchedules
  const last = shown.at(-1)
  const more =
    last !== undefined &&
    schedules.indexOf(last) < schedules.length - 1 &&
    html`<p class="pager"><a href="/?after=${segment(last.name)}">More schedules</a></p>`
  return html`<div class="columns" aria-hidden="true">
      <span>Schedule</span> <span>Last ${STRIP_LENGTH} runs</span> <span>Last</span> <span>Next</span>
    </div>
    <ul class="schedules">
      ${shown.map(schedule => scheduleRow(schedule, facts))}
    </ul>
    ${more}`
}

const scheduleRow = (schedule: Schedule, { strips, status: { now } }: Facts): Html => {
  const runs = strips.get(schedule.id) ?? []
  return html`<li>
    <div class="who">
      <h3>${scheduleLink(schedule.name)}</h3>
      <p class="condition" title="${schedule.condition}">${schedule.condition}</p>
      <p class="zone-of">${schedule.timezone}${schedule.task === schedule.name ? null : html` · ${schedule.task}`}</p>
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

// ---------------------------------------------------------------------------------------------------------------------
// Sources, and the small print

const sourceList = ({ sources, status: { now } }: Facts): Html => {
  if (sources.length === 0) return html``
  const order = ['failing', 'degraded', 'unknown', 'healthy']
  const sorted = sources.toSorted(
    (a, b) => order.indexOf(a.health.state) - order.indexOf(b.health.state) || (a.name < b.name ? -1 : 1),
  )
  return html`<section>
    <h2>Sources ${count(sources.length)}</h2>
    <ul class="sources">
      ${sorted.map(
        ({ name, health, items }) =>
          html`<li>
            <div class="who"><h3>${sourceLink(name)}</h3></div>
            <div>${badge(health.state)} <span class="fine">since ${short(health.since, now)}</span></div>
            <div class="why" title="${health.reasons.join('\n')}">${health.reasons.join(', ')}</div>
            <div class="was-good">
              ${health.lastGoodAt === null ? html`<span class="nothing">never good yet</span>` : html`<span>good ${ago(health.lastGoodAt, now)}</span>`}
            </div>
            <div class="number">${counted(items, 'item')}</div>
          </li>`,
      )}
    </ul>
  </section>`
}

const foot = (status: Status): Html =>
  html`<footer>
    <span>Rota ${status.version}</span>
    <span>${status.store.engine}, ${status.store.place}, ${megabytes(status.store.bytes)}</span>
    <span>${counted(status.workers.length, 'worker')}</span>
    <span>time zones ${status.timezoneData}</span>
    <span>Node ${status.node}</span>
    ${status.startedAt !== null && html`<span>started ${ago(status.startedAt, status.now)}</span>`}
    <a href="/api/v1/openapi.json">API</a>
  </footer>`

const megabytes = (bytes: number): string =>
  bytes < 1_000_000 ? `${Math.ceil(bytes / 1_000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`
