/** One schedule: what it says, when it comes next, and what became of it. */

import { formatDuration } from '../base/duration.ts'
import type { Instant } from '../base/instant.ts'
import type { Run } from '../domain/run.ts'
import { isPausedOpenly } from '../domain/schedule.ts'
import type { Policies, Schedule } from '../domain/schedule.ts'
import { waitsFor } from '../domain/waits-for.ts'
import type { App } from '../app.ts'
import { asExpected, nextOf } from './coming.ts'
import { pauseOrResume, runNow } from './controls.ts'
import { askWhy, whySection } from './explanation.ts'
import { html } from './html.ts'
import type { Html } from './html.ts'
import { facts, nothing, section } from './layout.ts'
import { runsPath, taskLink } from './links.ts'
import { ago, long } from './moment.ts'
import { page, region } from './page.ts'
import { runTable } from './run-table.ts'
import { badge, lateBadge, overdueBy } from './state.ts'
import { strip, STRIP_LENGTH } from './strip.ts'

const UPCOMING = 10
const RUNS = 20

/**
 * @param at the instant that is asked about, as it stands in the address
 * @throws RotaError SCHEDULE_UNKNOWN
 */
export const schedulePage = async (app: App, name: string, at: string | undefined): Promise<Html> => {
  const stored = await app.schedules.get(name)
  const [{ now }, strips, runs, why] = await Promise.all([
    app.status(),
    app.schedules.strips([stored], STRIP_LENGTH),
    app.runs.list({ limit: RUNS, schedule: name }),
    askWhy(app, stored, at),
  ])
  const schedule = asExpected(app, stored, now)
  const marks = html`<div class="marks">${strip(schedule, strips.get(schedule.id) ?? [], now)}</div>`
  const policies = section('Policies', facts(policyFacts(schedule), 'list'))
  return page({
    title: `Rota: ${name}`,
    now,
    events: 'kind=run,schedule',
    body: html`<nav class="crumbs" aria-label="Where this is">
        <a href="/">Overview</a> <span aria-hidden="true">/</span> Schedule
      </nav>
      ${region('head', head(schedule, now))} ${region('strip', section(`Its last ${STRIP_LENGTH} runs`, marks))}
      ${whySection(schedule, why, now)}
      ${region('plan', html`<div class="pair">${upcoming(app, schedule, now)}${policies}</div>`)}
      ${region('runs', section('Runs', runsOf(schedule, runs, now)))}`,
  })
}

const head = (schedule: Schedule, now: Instant): Html =>
  html`<section class="head">
    <div class="title">
      <h1>${schedule.name}</h1>
      <div class="badges">
        ${badge(schedule.paused === null ? schedule.status : 'paused')}${lateBadge(overdueBy(schedule, now))}
      </div>
      <div class="acts">${runNow(schedule)}${pauseOrResume(schedule)}</div>
    </div>
    <p class="condition large">${schedule.condition}</p>
    ${schedule.problem !== null && html`<p class="trouble">It cannot be loaded: ${schedule.problem}</p>`}
    ${facts([
      ['Next', html`<div class="next">${nextOf(schedule, now)}</div>`],
      ['Zone', schedule.timezone],
      ['Task', taskLink(schedule.task)],
      ['Made', html`${originOf(schedule)}, ${ago(schedule.createdAt, now)}`],
      ['Runs so far', schedule.runsCreated.toLocaleString('en-US')],
      ['Tags', schedule.tags.length > 0 && schedule.tags.map(tag => html`<span class="tag">${tag}</span> `)],
    ])}
  </section>`

const originOf = ({ origin, declared }: Schedule): string => {
  if (origin === 'run time') return 'at run time'
  return declared ? 'in code' : 'in code, no longer declared'
}

const upcoming = (app: App, schedule: Schedule, now: Instant): Html => {
  const next = isPausedOpenly(schedule) ? [] : app.schedules.upcoming(schedule, UPCOMING)
  const awaited = waitsFor(schedule)
  const otherwise =
    awaited.length > 0 && !isPausedOpenly(schedule)
      ? html`No time is set: it waits for ${awaited.map((text, i) => html`${i > 0 && ' or '}<code>${text}</code>`)}.`
      : isPausedOpenly(schedule)
        ? 'Nothing, while it is paused.'
        : 'Nothing is to come that has a time.'
  if (next.length === 0) return section('Next times', nothing(otherwise))
  const rows = next.map(at => html`<li>${long(at)} <span class="fine">${ago(at, now)}</span></li>`)
  return section(
    'Next times',
    html`<ol class="times">
      ${rows}
    </ol>`,
  )
}

const runsOf = (schedule: Schedule, runs: readonly Run[], now: Instant): Html => {
  if (runs.length === 0) return nothing('It has not run yet.')
  return html`${runTable(runs, [schedule], now)}
    <p class="pager"><a href="${runsPath({ schedule: schedule.name })}">All runs of ${schedule.name}</a></p>`
}

const policyFacts = ({ policies, input }: Schedule): Parameters<typeof facts>[0] => [
  ['Overlap', overlapWords(policies.overlap)],
  ['Catch-up', catchUpWords(policies.catchUp)],
  ['Grace', policies.grace === null ? 'the period, at most 1h' : formatDuration(policies.grace)],
  ['Jitter', policies.jitter > 0 && `up to ${formatDuration(policies.jitter)}`],
  ['Not before', policies.startAt !== null && long(policies.startAt)],
  ['Not after', policies.endAt !== null && long(policies.endAt)],
  ['Most runs', policies.maxRuns],
  ['Start within', policies.startWithin !== null && formatDuration(policies.startWithin)],
  ['Stop when', policies.stopWhen !== null && html`<code>${policies.stopWhen}</code>`],
  ['Input', input !== null && html`<code>${JSON.stringify(input).slice(0, 400)}</code>`],
]

const overlapWords = (overlap: Policies['overlap']): string => {
  switch (overlap.kind) {
    case 'skip':
      return 'skip while an earlier run is unfinished'
    case 'queue':
      return 'the newest waits for the earlier run'
    case 'queueAll':
      return `up to ${overlap.limit} wait for the earlier run`
    case 'cancelPrevious':
      return 'cancel the earlier run'
    case 'allow':
      return `up to ${overlap.limit} at once`
    default:
      return overlap satisfies never
  }
}

const catchUpWords = (catchUp: Policies['catchUp']): string => {
  switch (catchUp.kind) {
    case 'latest':
      return 'the newest missed one runs'
    case 'none':
      return 'none beyond the grace'
    case 'all':
      return `all missed ones, at most ${catchUp.limit} of the last ${formatDuration(catchUp.window)}`
    default:
      return catchUp satisfies never
  }
}
