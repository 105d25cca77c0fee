/** One run: why it is there, what came of it, and everything it said. */

import { formatInstant } from '../base/instant.ts'
import type { Instant } from '../base/instant.ts'
import { isRotaError } from '../base/errors.ts'
import type { Json } from '../base/json.ts'
import type { RunId } from '../base/name.ts'
import { progressText } from '../domain/progress.ts'
import type { Progress } from '../domain/progress.ts'
import { durationMs, isOver, isRoot, isStep } from '../domain/run.ts'
import type { Attempt, Run } from '../domain/run.ts'
import type { Schedule } from '../domain/schedule.ts'
import type { Unit } from '../domain/unit.ts'
import type { App, RunExplanation } from '../app.ts'
import { took } from './assets/times.js'
import { action } from './controls.ts'
import { errorBox } from './error-box.ts'
import { tree } from './explanation.ts'
import { flowSection, MOST_BOXES } from './flow.ts'
import { html } from './html.ts'
import type { Html, Part } from './html.ts'
import { facts, nothing, section, table } from './layout.ts'
import { nameOf, runLink, runsPath, scheduleLink, schedulePath, sourceLink } from './links.ts'
import { logBox, readLog } from './log-box.ts'
import { elapsed, long, short } from './moment.ts'
import { page, region } from './page.ts'
import { badge, lateBadge, lateBy, runState } from './state.ts'
import { storyOf } from './story.ts'

/** @throws RotaError RUN_UNKNOWN */
export const runPage = async (app: App, id: RunId, wantsAllLines: boolean): Promise<Html> => {
  const [{ run, attempts, units, progress }, explained, { now }, lines] = await Promise.all([
    app.runs.get(id),
    app.runs.explain(id),
    app.status(),
    readLog(app, id),
  ])
  const flow = isRoot(run) ? await app.runs.flow(id, { limit: MOST_BOXES }) : null
  const schedule = await scheduleOf(app, run)
  return page({
    title: `${nameOf(run)} #${run.id}: ${run.state}`,
    here: '/runs',
    now,
    ...(isOver(run) ? {} : { events: `kind=run,log,progress&run=${run.id}` }),
    body: html`${crumbs(run)} ${region('head', head(run, schedule, progress, now))}
    ${region('flow', flow === null ? html`` : flowSection(flow))} ${region('why', conditionThen(explained, schedule))}
    ${region('error', errorOf(run))} ${region('units', unitTable(units))}
    ${region('attempts', attemptTable(attempts, now))} ${region('log', logBox(lines, run, now, wantsAllLines))}
    ${region('data', dataOf(run))}`,
  })
}

const scheduleOf = async (app: App, run: Run): Promise<Schedule | null> => {
  if (run.schedule === null) return null
  try {
    const schedule = await app.schedules.get(run.schedule)
    return schedule.id === run.scheduleId ? schedule : null
  } catch (error) {
    if (isRotaError(error, 'SCHEDULE_UNKNOWN')) return null
    throw error
  }
}

// Somebody asked for it by hand: no condition did.
const conditionThen = ({ run, schedule: told }: RunExplanation, schedule: Schedule | null): Html => {
  const isWanted = run.trigger.kind === 'schedule' || run.trigger.kind === 'event'
  if (!isWanted || told === null || schedule === null || told.clauses.length === 0) return html``
  const path = `${schedulePath(schedule.name)}?at=${formatInstant(told.at)}`
  const link = html`times of ${told.timezone} · <a href="${path}">ask the schedule</a>`
  return section('Its condition at that time', html`<div class="why-box">${tree(told.clauses, null)}</div>`, link)
}

const crumbs = (run: Run): Html => {
  const others = runsPath(run.schedule === null ? { task: run.task } : { schedule: run.schedule })
  return html`<nav class="crumbs" aria-label="Where this is">
    <a href="/runs">Runs</a> <span aria-hidden="true">/</span> <a href="${others}">${nameOf(run)}</a>
  </nav>`
}

const head = (run: Run, schedule: Schedule | null, progress: Progress | null, now: Instant): Html =>
  html`<section class="head">
    <div class="title">
      <h1><span class="id">#${run.id}</span> ${nameOf(run)}</h1>
      <div class="badges">${runState(run)}${lateBadge(lateBy(run, now, schedule?.policies.jitter))}</div>
      <div class="acts">${isOver(run) ? runAgain(run) : cancel(run)}</div>
    </div>
    <p class="story">${storyOf(run, schedule, now).map(sentence => html`${sentence} `)}</p>
    ${factsOf(run, progress, now)}
  </section>`

const runAgain = ({ id }: Run): Html =>
  action('Run again', 'again', `/api/v1/runs/${id}/retries`, { label: `Run again: ${id}, as a new run` })

const cancel = ({ id }: Run): Html =>
  action('Cancel', 'cancel', `/api/v1/runs/${id}/cancellations`, { kind: 'danger', label: `Cancel run ${id}` })

const factsOf = (run: Run, progress: Progress | null, now: Instant): Html =>
  facts([
    ['Task', html`<a href="${runsPath({ task: run.task })}">${run.task}</a>`],
    ['Flow', isStep(run) && runLink(run.root)],
    ['Schedule', run.schedule !== null && scheduleLink(run.schedule)],
    ['Due', run.nominalAt !== null && long(run.nominalAt)],
    ['Wanted', long(run.createdAt)],
    ['Started', run.startedAt !== null && long(run.startedAt)],
    [run.state === 'skipped' ? 'Decided' : 'Ended', run.endedAt !== null && long(run.endedAt)],
    ['Took', tookOf(run, now)],
    ['Attempt', run.attempt > 0 && `${run.attempt} of ${run.attemptsAllowed}`],
    ['Next attempt', run.retryAt !== null && long(run.retryAt)],
    ['Progress', progress !== null && progressText(progress)],
    ['Units', run.unitsOk + run.unitsFailed > 0 && `${run.unitsOk} good, ${run.unitsFailed} failed`],
    ['Memory', run.memoryMb !== null && `${run.memoryMb} MiB`],
    ['Worker', run.worker],
  ])

const tookOf = (run: Run, now: Instant): Part => {
  if (run.state === 'running' && run.startedAt !== null) return elapsed(run.startedAt, now)
  const length = durationMs(run)
  return length !== null && run.state !== 'skipped' && took(length)
}

const errorOf = (run: Run): Html => {
  if (run.error === null) return html``
  return section(isOver(run) ? 'Error' : 'Error of the attempt before', errorBox(run.error))
}

const unitTable = (units: readonly Unit[]): Html => {
  if (units.length === 0) return html``
  const numbers = ['Items', 'New', 'Changed', 'Invalid', 'Requests', 'Took'].map(number => ({ number }))
  const rows = units.map(
    ({ source, query, state, verdict, detail, items, requests, startedAt, endedAt }) =>
      html`<tr>
        <td>${sourceLink(source)} ${query !== '' && html`<span class="query">${query}</span>`}</td>
        <td>${badge(state)}</td>
        <td class="say"><span class="verdict">${verdict}</span> ${detail}</td>
        <td class="n">${items.seen}</td>
        <td class="n">${items.new}</td>
        <td class="n">${items.changed}</td>
        <td class="n">${items.invalid}</td>
        <td class="n">${requests}</td>
        <td class="n">${took(endedAt - startedAt)}</td>
      </tr>`,
  )
  return section('Units', table('Units', ['Source', 'State', 'Verdict', ...numbers], rows), units.length)
}

const outcomes = {
  succeeded: 'succeeded',
  partial: 'partial',
  failed: 'failed',
  cancelled: 'cancelled',
  'given back': 'queued',
} as const

// Of a single attempt the head has told everything.
const attemptTable = (attempts: readonly Attempt[], now: Instant): Html => {
  if (attempts.length <= 1) return html``
  const rows = attempts.map(
    ({ attempt, outcome, reason, error, startedAt, endedAt, worker }) =>
      html`<tr>
        <td class="n">${attempt}</td>
        <td>${badge(outcomes[outcome], reason === null || reason === 'error' ? outcome : `${outcome}: ${reason}`)}</td>
        <td>${short(startedAt, now)}</td>
        <td class="n">${took(endedAt - startedAt)}</td>
        <td class="say">${error !== null && `${error.name}: ${error.message}`}</td>
        <td class="fine">${worker}</td>
      </tr>`,
  )
  const columns = [{ number: 'No.' }, 'Outcome', 'Started', { number: 'Took' }, 'Error', 'Worker']
  return section('Attempts', table('Attempts', columns, rows), attempts.length)
}

const dataOf = (run: Run): Html =>
  html`<div class="pair">${dataBox('Input', run.input)}${run.attempt > 0 && dataBox('Result', run.result)}</div>`

const LONGEST_DATA = 20_000

const dataBox = (title: string, data: Json): Html => {
  if (data === null) return section(title, nothing('none'))
  const text = JSON.stringify(data, null, 2)
  const cut = text.length > LONGEST_DATA && html`<p class="older">Its beginning; the API gives all of it.</p>`
  return section(
    title,
    html`${cut}
      <pre class="data" tabindex="0" data-key="${title}">${text.slice(0, LONGEST_DATA)}</pre>`,
  )
}
