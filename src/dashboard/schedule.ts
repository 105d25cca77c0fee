/** One schedule: what it says, when it comes next, and what became of it. */

import { formatDuration } from '../base/duration.ts'
import type { Instant } from '../base/instant.ts'
import type { Policies, Schedule } from '../domain/schedule.ts'
import type { App } from '../rota.ts'
import { nextOf } from './coming.ts'
import { pauseOrResume, runNow } from './controls.ts'
import { html } from './html.ts'
import type { Html, Part } from './html.ts'
import { runsPath } from './links.ts'
import { ago, long } from './moment.ts'
import { page, region } from './page.ts'
import { table } from './runs.ts'
import { badge, lateBadge, lateBy, overdueBy } from './state.ts'
import { strip, STRIP_LENGTH } from './strip.ts'

const UPCOMING = 10
const RUNS = 20

/** @throws RotaError SCHEDULE_UNKNOWN */
export const schedulePage = async (app: App, name: string): Promise<Html> => {
  const schedule = await app.schedules.get(name)
  const [{ now }, strips, runs] = await Promise.all([
    app.status(),
    app.schedules.strips([schedule], STRIP_LENGTH),
    app.runs.list({ limit: RUNS, schedule: name }),
  ])
  const late = (run: (typeof runs)[number]): number | null => lateBy(run, now, schedule.policies.jitter)
  return page({
    title: `Rota: ${name}`,
    now,
    events: 'kind=run,schedule',
    body: html` <nav class="crumbs" aria-label="Where this is">
        <a href="/">Overview</a> <span aria-hidden="true">/</span> Schedule
      </nav>
      ${region('head', head(schedule, now))}
      ${region(
        'strip',
        html`<section>
          <h2>Its last ${STRIP_LENGTH} runs</h2>
          <div class="marks tall">${strip(schedule, strips.get(schedule.id) ?? [], now)}</div>
        </section>`,
      )}
      ${region(
        'plan',
        html`<div class="pair">
          ${upcoming(app, schedule, now)}
          <section>
            <h2>Policies</h2>
            <dl class="facts list">${policies(schedule)}</dl>
          </section>
        </div>`,
      )}
      ${region(
        'runs',
        html`<section>
          <h2>Runs</h2>
          ${
            runs.length === 0
              ? html`<p class="nothing">It has not run yet.</p>`
              : html`${table(runs, late, now)}
                  <p class="pager"><a href="${runsPath({ schedule: name })}">All runs of ${name}</a></p>`
          }
        </section>`,
      )}`,
  })
}

const head = (schedule: Schedule, now: Instant): Html => {
  const state = schedule.paused === null ? schedule.status : 'paused'
  return html`<section class="head">
    <div class="title">
      <h1>${schedule.name}</h1>
      <div class="badges">${badge(state)}${lateBadge(overdueBy(schedule, now))}</div>
      <div class="acts">${runNow(schedule)}${pauseOrResume(schedule)}</div>
    </div>
    <p class="condition large">${schedule.condition}</p>
    ${schedule.problem !== null && html`<p class="trouble">It cannot be loaded: ${schedule.problem}</p>`}
    <dl class="facts">
      <div>
        <dt>Next</dt>
        <dd class="next">${nextOf(schedule, now)}</dd>
      </div>
      <div>
        <dt>Zone</dt>
        <dd>${schedule.timezone}</dd>
      </div>
      <div>
        <dt>Task</dt>
        <dd><a href="${runsPath({ task: schedule.task })}">${schedule.task}</a></dd>
      </div>
      <div>
        <dt>Made</dt>
        <dd>
          ${schedule.origin === 'code' ? (schedule.declared ? 'in code' : 'in code, no longer declared') : 'at run time'},
          ${ago(schedule.createdAt, now)}
        </dd>
      </div>
      <div>
        <dt>Runs so far</dt>
        <dd>${schedule.runsCreated.toLocaleString('en-US')}</dd>
      </div>
      ${
        schedule.tags.length > 0 &&
        html`<div>
          <dt>Tags</dt>
          <dd>${schedule.tags.map(tag => html`<span class="tag">${tag}</span>`)}</dd>
        </div>`
      }
    </dl>
  </section>`
}

const upcoming = (app: App, schedule: Schedule, now: Instant): Html => {
  const next = schedule.paused === null ? app.schedules.upcoming(schedule, UPCOMING) : []
  const otherwise = schedule.paused === null ? 'Nothing is to come that has a time.' : 'Nothing, while it is paused.'
  return html`<section>
    <h2>Next times</h2>
    ${
      next.length === 0
        ? html`<p class="nothing">${otherwise}</p>`
        : html`<ol class="times">
            ${next.map(at => html`<li>${long(at)}<span class="fine">${ago(at, now)}</span></li>`)}
          </ol>`
    }
  </section>`
}

const policies = (schedule: Schedule): readonly Html[] => {
  const { grace, catchUp, overlap, jitter, startAt, endAt, maxRuns } = schedule.policies
  const all: readonly (readonly [string, Part])[] = [
    ['Overlap', overlapWords(overlap)],
    ['Catch-up', catchUpWords(catchUp)],
    ['Grace', grace === null ? 'the period, at most 1h' : formatDuration(grace)],
    ['Jitter', jitter > 0 && `up to ${formatDuration(jitter)}`],
    ['Not before', startAt !== null && long(startAt)],
    ['Not after', endAt !== null && long(endAt)],
    ['Most runs', maxRuns],
    ['Input', schedule.input !== null && html`<code>${JSON.stringify(schedule.input).slice(0, 400)}</code>`],
  ]
  return all
    .filter(([, value]) => value !== false && value !== null)
    .map(
      ([name, value]) =>
        html`<div>
          <dt>${name}</dt>
          <dd>${value}</dd>
        </div>`,
    )
}

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
