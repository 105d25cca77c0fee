/** Three short lists: what happens now, what comes next, what failed lately. */

import type { Instant } from '../base/instant.ts'
import { liveStates } from '../domain/run.ts'
import type { Run, RunState } from '../domain/run.ts'
import type { Schedule } from '../domain/schedule.ts'
import { waitsFor } from '../domain/waits-for.ts'
import { brief, html } from './html.ts'
import type { Html, Part } from './html.ts'
import { nothing } from './layout.ts'
import { nameOf, runPath, runsPath, scheduleLink } from './links.ts'
import { ago, elapsed, short } from './moment.ts'
import { icon, isComing, jitterBy, lateBadge, lateBy, overdueBy, wordOf } from './state.ts'

export const MOST_LIVE = 6
const MOST_COMING = 6
const MOST_FAILED = 5

/** @param live at most one more than are shown */
export const liveNow = (live: readonly Run[], schedules: readonly Schedule[], now: Instant): Html => {
  const jitter = jitterBy(schedules)
  const rows = live.slice(0, MOST_LIVE).map(run => {
    const late = lateBadge(lateBy(run, now, jitter(run)))
    return row(run.state, runName(run), liveTime(run, now), html`${liveWords(run)} ${late}`)
  })
  const more = live.length > MOST_LIVE && link({ state: liveStates.join(',') })
  return panel('Now', more, rows, 'Nothing runs at this moment.')
}

export const comingUp = (schedules: readonly Schedule[], now: Instant): Html => {
  const rows = schedules
    .filter(isComing)
    .toSorted((a, b) => a.nextAt - b.nextAt)
    .slice(0, MOST_COMING)
    .map(schedule => {
      const late = lateBadge(overdueBy(schedule, now))
      return row(
        'open',
        scheduleLink(schedule.name),
        ago(schedule.nextAt, now),
        html`${short(schedule.nextAt, now)} ${late}`,
      )
    })
  const awaiting = schedules.flatMap(schedule => {
    const awaited = schedule.nextAt === null ? waitsFor(schedule) : []
    return awaited.length === 0
      ? []
      : [row('open', scheduleLink(schedule.name), null, brief(awaited.join(', or '), 90))]
  })
  return panel('Next', null, [...rows, ...awaiting].slice(0, MOST_COMING), 'Nothing is to come.')
}

/** @param failed newest first */
export const failedLately = (failed: readonly Run[], now: Instant): Html => {
  // A source that fails every minute is one thing to know, not sixty.
  const groups = [...Map.groupBy(failed, run => `${nameOf(run)} ${run.state} ${kindOf(whyOf(run))}`).values()]
  const rows = groups.slice(0, MOST_FAILED).flatMap(([run, ...others]) => {
    if (run === undefined) return []
    const times = others.length > 0 && html` <span class="tag">${others.length + 1} times</span>`
    const when = run.endedAt !== null && ago(run.endedAt, now)
    return row(run.state, runName(run), when, html`${brief(whyOf(run), 120)}${times}`)
  })
  return panel('Failed lately', rows.length > 0 && link({ state: 'failed,partial' }), rows, 'Nothing failed.')
}

const liveTime = (run: Run, now: Instant): Html => {
  if (run.state === 'running' && run.startedAt !== null) return elapsed(run.startedAt, now)
  return ago(run.retryAt ?? run.createdAt, now)
}

const liveWords = (run: Run): string => {
  const tries = run.attempt > 1 || run.state === 'retrying'
  const attempt = tries ? `attempt ${run.attempt} of ${run.attemptsAllowed}` : ''
  const why = run.state === 'running' ? '' : brief(run.error?.message ?? run.detail ?? '', 90)
  return [wordOf(run.state), attempt, why].filter(words => words !== '').join(' · ')
}

const whyOf = (run: Run): string => run.error?.message ?? run.detail ?? run.reason ?? ''

// Failures that differ in a number only are of one kind.
const kindOf = (why: string): string => why.slice(0, 200).replaceAll(/\d+/g, '0')

const runName = (run: Run): Html =>
  html`<a class="name" href="${runPath(run.id)}" title="${nameOf(run)}">${nameOf(run)}</a>`

const link = (filter: { readonly state: string }): Html => html`<a class="more" href="${runsPath(filter)}">all</a>`

const panel = (title: string, more: Part, rows: readonly Html[], otherwise: string): Html => {
  const list = html`<ul class="rows">
    ${rows}
  </ul>`
  return html`<section class="panel">
    <h2>${title} ${more}</h2>
    ${rows.length === 0 ? nothing(otherwise) : list}
  </section>`
}

const row = (state: RunState, name: Html, right: Part, below: Part): Html =>
  html`<li>
    <span class="shape ${state}">${icon(state)}</span> <span class="what">${name}</span>
    <span class="when">${right}</span> <span class="below">${below}</span>
  </li>`
