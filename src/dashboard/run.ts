/** One run: why it is there, what came of it, and everything it said. */

import type { Instant } from '../base/instant.ts'
import { isRotaError } from '../base/errors.ts'
import type { Json } from '../base/json.ts'
import type { RunId } from '../base/name.ts'
import { durationMs, isOver } from '../domain/run.ts'
import type { Attempt, Run, RunError } from '../domain/run.ts'
import type { Schedule } from '../domain/schedule.ts'
import type { Unit } from '../domain/unit.ts'
import type { App } from '../rota.ts'
import { took } from './assets/times.js'
import { action } from './controls.ts'
import { counted, html } from './html.ts'
import type { Html, Part } from './html.ts'
import { nameOf, runsPath, scheduleLink, sourceLink } from './links.ts'
import { elapsed, long, short } from './moment.ts'
import { page, region } from './page.ts'
import { badge, lateBadge, lateBy, runState } from './state.ts'
import { storyOf } from './story.ts'

type Line = Awaited<ReturnType<App['runs']['logs']>>[number]

// A run keeps at most 10,000 lines; a page shows the newest of them unless it is asked for all.
const MOST_LINES = 300
const LINES_A_TIME = 1_000

/** @throws RotaError RUN_UNKNOWN */
export const runPage = async (app: App, id: RunId, allLines: boolean): Promise<Html> => {
  const [{ run, attempts, units }, { now }, lines] = await Promise.all([
    app.runs.get(id),
    app.status(),
    linesOf(app, id),
  ])
  const schedule = await scheduleOf(app, run)
  const shown = allLines ? lines : lines.slice(-MOST_LINES)
  const title = `${nameOf(run)} #${run.id}`
  return page({
    title: `${title}: ${run.state}`,
    here: '/runs',
    now,
    ...(isOver(run) ? {} : { events: `kind=run,log&run=${run.id}` }),
    body: html` <nav class="crumbs" aria-label="Where this is">
        <a href="/runs">Runs</a> <span aria-hidden="true">/</span>
        <a href="${runsPath(run.schedule === null ? { task: run.task } : { schedule: run.schedule })}"
          >${nameOf(run)}</a
        >
      </nav>
      ${region('head', head(run, schedule, now))}
      ${region(
        'error',
        html`${
          run.error === null
            ? null
            : html`<section>
                <h2>
                  ${run.state === 'retrying' || run.state === 'running' ? 'Error of the attempt before' : 'Error'}
                </h2>
                ${errorBox(run.error)}
              </section>`
        }`,
      )}
      ${region('units', unitTable(units))} ${region('attempts', attemptTable(attempts, run, now))}
      ${region('log', logBox(shown, lines.length, run, now))}
      ${region('data', html`<div class="pair">${dataBox('Input', run.input)}${run.attempt > 0 && dataBox('Result', run.result)}</div>`)}`,
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

const linesOf = async (app: App, id: RunId): Promise<readonly Line[]> => {
  const lines: Line[] = []
  for (let more = true; more;) {
    const next = await app.runs.logs(id, lines.at(-1)?.seq ?? 0, LINES_A_TIME)
    lines.push(...next)
    more = next.length === LINES_A_TIME
  }
  return lines
}

const head = (run: Run, schedule: Schedule | null, now: Instant): Html => {
  const late = lateBadge(lateBy(run, now, schedule?.policies.jitter))
  return html`<section class="head">
    <div class="title">
      <h1><span class="id">#${run.id}</span> ${nameOf(run)}</h1>
      <div class="badges">${runState(run)}${late}</div>
      <div class="acts">
        ${
          isOver(run)
            ? action('Run again', 'again', `/api/v1/runs/${run.id}/retries`, {
                label: `Run again: ${run.id}, as a new run`,
              })
            : action('Cancel', 'cancel', `/api/v1/runs/${run.id}/cancellations`, {
                kind: 'danger',
                label: `Cancel run ${run.id}`,
              })
        }
      </div>
    </div>
    <p class="story">${storyOf(run, schedule, now).map(sentence => html`${sentence} `)}</p>
    <dl class="facts">${facts(run, now)}</dl>
  </section>`
}

const facts = (run: Run, now: Instant): readonly Html[] => {
  const length = durationMs(run)
  const all: readonly (readonly [string, Part])[] = [
    ['Task', html`<a href="${runsPath({ task: run.task })}">${run.task}</a>`],
    ['Schedule', run.schedule !== null && scheduleLink(run.schedule)],
    ['Due', run.nominalAt !== null && long(run.nominalAt)],
    ['Wanted', long(run.createdAt)],
    ['Started', run.startedAt !== null && long(run.startedAt)],
    [run.state === 'skipped' ? 'Decided' : 'Ended', run.endedAt !== null && long(run.endedAt)],
    [
      'Took',
      run.state === 'running' && run.startedAt !== null
        ? elapsed(run.startedAt, now)
        : length !== null && run.state !== 'skipped' && took(length),
    ],
    ['Attempt', run.attempt > 0 && `${run.attempt} of ${run.attemptsAllowed}`],
    ['Next attempt', run.retryAt !== null && long(run.retryAt)],
    ['Units', run.unitsOk + run.unitsFailed > 0 && `${run.unitsOk} good, ${run.unitsFailed} failed`],
    ['Worker', run.worker],
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

/** An error with its stack, and what caused it. */
const errorBox = (error: RunError): Html =>
  html`<div class="error">
    <p class="message">
      <strong>${error.name}${error.code !== undefined && ` (${error.code})`}</strong>
      <span>${error.message}</span>
    </p>
    ${
      error.stack !== undefined &&
      html`<details data-key="stack">
        <summary>Stack</summary>
        <pre tabindex="0">${error.stack}</pre>
      </details>`
    }
    ${
      error.cause !== undefined &&
      html`<div class="cause">
        <p class="by">caused by</p>
        ${errorBox(error.cause)}
      </div>`
    }
  </div>`

const unitTable = (units: readonly Unit[]): Html => {
  if (units.length === 0) return html``
  const rows = units.map(
    unit =>
      html`<tr>
        <td>${sourceLink(unit.source)} ${unit.query !== '' && html`<span class="query">${unit.query}</span>`}</td>
        <td>${badge(unit.state)}</td>
        <td class="say">
          <span class="verdict">${unit.verdict}</span>${unit.detail !== null && html` ${unit.detail}`}
        </td>
        <td class="n">${unit.items.seen}</td>
        <td class="n">${unit.items.new}</td>
        <td class="n">${unit.items.changed}</td>
        <td class="n">${unit.items.invalid}</td>
        <td class="n">${unit.requests}</td>
        <td class="n">${took(unit.endedAt - unit.startedAt)}</td>
      </tr>`,
  )
  return html`<section>
    <h2>Units <span class="count">${units.length}</span></h2>
    <div class="scroll" tabindex="0" role="region" aria-label="Units">
      <table>
        <thead>
          <tr>
            <th>Source</th>
            <th>State</th>
            <th>Verdict</th>
            <th class="n">Items</th>
            <th class="n">New</th>
            <th class="n">Changed</th>
            <th class="n">Invalid</th>
            <th class="n">Requests</th>
            <th class="n">Took</th>
          </tr>
        </thead>
        <tbody>
          ${rows}
        </tbody>
      </table>
    </div>
  </section>`
}

const attemptTable = (attempts: readonly Attempt[], run: Run, now: Instant): Html => {
  if (attempts.length <= 1 && run.attempt <= 1) return html``
  const outcomes = {
    succeeded: 'succeeded',
    partial: 'partial',
    failed: 'failed',
    cancelled: 'cancelled',
    'given back': 'queued',
  } as const
  const rows = attempts.map(
    ({ attempt, outcome, reason, error, startedAt, endedAt, worker }) =>
      html`<tr>
        <td class="n">${attempt}</td>
        <td>${badge(outcomes[outcome], reason === null || reason === 'error' ? outcome : `${outcome}: ${reason}`)}</td>
        <td>${short(startedAt, now)}</td>
        <td class="n">${took(endedAt - startedAt)}</td>
        <td class="say">${error === null ? null : html`${error.name}: ${error.message}`}</td>
        <td class="fine">${worker}</td>
      </tr>`,
  )
  return html`<section>
    <h2>Attempts <span class="count">${attempts.length}</span></h2>
    <div class="scroll" tabindex="0" role="region" aria-label="Attempts">
      <table>
        <thead>
          <tr>
            <th class="n">No.</th>
            <th>Outcome</th>
            <th>Started</th>
            <th class="n">Took</th>
            <th>Error</th>
            <th>Worker</th>
          </tr>
        </thead>
        <tbody>
          ${rows}
        </tbody>
      </table>
    </div>
  </section>`
}

const logBox = (lines: readonly Line[], all: number, run: Run, now: Instant): Html => {
  if (lines.length === 0 && run.attempt === 0) return html``
  if (lines.length === 0) {
    return html`<section>
      <h2>Log</h2>
      <p class="nothing">
        ${isOver(run) ? 'This run logged nothing.' : 'Nothing is logged yet.'} In a handler:
        <code>context.log.info('page read', { page: 3 })</code>
      </p>
    </section>`
  }
  const older =
    all > lines.length &&
    html`<p class="older">
      The newest ${lines.length} of ${counted(all, 'line')}. <a href="?lines=all#log">Show all</a>
    </p>`
  const rows = lines.map(
    line =>
      html`<li class="log-${line.level}">
        <span class="at">${short(line.at, now)}</span> <span class="level">${line.level}</span>
        <span class="message"
          >${line.message}${isSaying(line.fields) && html` <span class="fields">${fieldsText(line.fields)}</span>`}</span
        >
      </li>`,
  )
  return html`<section id="log">
    <h2>Log <span class="count">${all}</span></h2>
    ${older}
    <div class="log" tabindex="0" role="region" aria-label="Log" data-key="log" data-stick>
      <ol>
        ${rows}
      </ol>
    </div>
  </section>`
}

const isSaying = (fields: Json): boolean =>
  fields !== null && (typeof fields !== 'object' || Object.keys(fields).length > 0)

const fieldsText = (fields: Json): string => {
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) return JSON.stringify(fields)
  return Object.entries(fields)
    .map(([name, value]) => `${name}=${typeof value === 'string' && value !== '' ? value : JSON.stringify(value)}`)
    .join(' ')
}

const LONGEST_DATA = 20_000

const dataBox = (title: string, data: Json): Html => {
  if (data === null)
    return html`<section>
      <h2>${title}</h2>
      <p class="nothing">none</p>
    </section>`
  const text = JSON.stringify(data, null, 2)
  const cut =
    text.length > LONGEST_DATA &&
    html`<p class="older">
      The first ${LONGEST_DATA.toLocaleString('en-US')} of ${text.length.toLocaleString('en-US')} characters; the API
      gives all.
    </p>`
  return html`<section>
    <h2>${title}</h2>
    ${cut}
    <pre class="data" tabindex="0" data-key="${title}">${text.slice(0, LONGEST_DATA)}</pre>
  </section>`
}
