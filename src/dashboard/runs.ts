/** The list of runs: filters that live in the address, a table, older pages. */

import { RotaError } from '../base/errors.ts'
import type { Instant } from '../base/instant.ts'
import type { RunId } from '../base/name.ts'
import { nearest } from '../base/nearest.ts'
import { durationMs, runStates } from '../domain/run.ts'
import type { Run, RunState } from '../domain/run.ts'
import type { App } from '../rota.ts'
import { took } from './assets/times.js'
import { brief, html } from './html.ts'
import type { Html } from './html.ts'
import { runPath, runsPath, scheduleLink } from './links.ts'
import { ago, short } from './moment.ts'
import { command, hint, page, region } from './page.ts'
import { jitterBy, lateBadge, lateBy, runState, wordOf } from './state.ts'

const RUNS_A_PAGE = 50
const MOST_CHOICES = 500

/** The filters of the list, as they stand in the address. */
export interface Filter {
  readonly state?: string | undefined
  readonly task?: string | undefined
  readonly schedule?: string | undefined
  readonly source?: string | undefined
  /** Only runs with smaller numbers: an older page. */
  readonly before?: string | undefined
}

export const filterNames = [
  'state',
  'task',
  'schedule',
  'source',
  'before',
] as const satisfies readonly (keyof Filter)[]

/** @throws RotaError OPTION_INVALID */
export const runsPage = async (app: App, filter: Filter): Promise<Html> => {
  const { state, task, schedule, source, before } = filter
  const states = readStates(state)
  const [{ now }, runs, schedules, sources] = await Promise.all([
    app.status(),
    app.runs.list({
      limit: RUNS_A_PAGE + 1,
      ...(before === undefined ? {} : { before: readBefore(before) }),
      ...(states === undefined ? {} : { states }),
      ...(task === undefined ? {} : { task }),
      ...(schedule === undefined ? {} : { schedule }),
      ...(source === undefined ? {} : { source }),
    }),
    app.schedules.list({ limit: MOST_CHOICES }),
    app.sources.list(),
  ])
  const shown = runs.slice(0, RUNS_A_PAGE)
  const choices = {
    schedule: schedules.map(({ name }) => name),
    task: app.tasks.list().map(({ name }): string => name),
    source: sources.map(({ name }) => name),
  }
  const jitter = jitterBy(schedules)
  return page({
    title: 'Rota: runs',
    here: '/runs',
    now,
    // An older page does not change.
    ...(before === undefined ? { events: 'kind=run' } : {}),
    body: html`<h1>Runs</h1>
      ${filters(filter, states, choices)}
      ${region('runs', html`${shown.length === 0 ? nothing(filter) : table(shown, run => lateBy(run, now, jitter(run)), now)}${pager(filter, shown, runs.length > shown.length)}`)}`,
  })
}

const readStates = (text: string | undefined): readonly RunState[] | undefined =>
  text?.split(',').map(word => {
    const state = runStates.find(state => state === word.trim())
    if (state !== undefined) return state
    const hint = nearest(word, runStates)
    throw new RotaError(
      'OPTION_INVALID',
      `There is no state '${word.slice(0, 40)}'. ${hint === undefined ? `The states are ${runStates.join(', ')}.` : `Did you mean '${hint}'?`}`,
    )
  })

const readBefore = (text: string): RunId => {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text) as RunId
  throw new RotaError('OPTION_INVALID', `'${text.slice(0, 40)}' is not the number of a run.`)
}

// ---------------------------------------------------------------------------------------------------------------------
// Filters

const filters = (
  filter: Filter,
  states: readonly RunState[] | undefined,
  choices: Readonly<Record<'schedule' | 'task' | 'source', readonly string[]>>,
): Html =>
  html`<div class="filters">
    <ul class="chips" aria-label="State">
      ${chip('all', [], filter, states === undefined)}${chip('live', ['running', 'retrying', 'queued', 'open'], filter, same(states, ['running', 'retrying', 'queued', 'open']))}${(['succeeded', 'partial', 'failed', 'skipped', 'cancelled'] as const).map(state => chip(wordOf(state), [state], filter, same(states, [state])))}
    </ul>
    <form action="/runs" method="get" class="choices">
      ${filter.state !== undefined && html`<input type="hidden" name="state" value="${filter.state}" />`}
      ${(['schedule', 'task', 'source'] as const).map(name => (choices[name].length > 0 || filter[name] !== undefined ? choice(name, choices[name], filter[name]) : null))}
      <button type="submit" class="act calm">Apply</button>
    </form>
  </div>`

const same = (states: readonly RunState[] | undefined, wanted: readonly RunState[]): boolean =>
  states !== undefined && states.length === wanted.length && wanted.every(state => states.includes(state))

const chip = (words: string, states: readonly RunState[], filter: Filter, chosen: boolean): Html =>
  html`<li>
    <a
      href="${runsPath({ ...filter, before: undefined, state: states.join(',') })}"
      ${chosen ? html` aria-current="true"` : null}
      >${words}</a
    >
  </li>`

const choice = (name: string, choices: readonly string[], chosen: string | undefined): Html => {
  const all = chosen === undefined || choices.includes(chosen) ? choices : [chosen, ...choices]
  return html`<label
    ><span>${name}</span
    ><select name="${name}">
      <option value="">any</option>
      ${all.map(one => html`<option value="${one}" ${one === chosen ? html` selected` : null}>${brief(one, 60)}</option>`)}
    </select></label
  >`
}

// ---------------------------------------------------------------------------------------------------------------------
// The table

/** Runs as rows, newest first. */
export const table = (runs: readonly Run[], late: (run: Run) => number | null, now: Instant): Html =>
  html`<div class="scroll" tabindex="0" role="region" aria-label="Runs">
    <table class="runs">
      <thead>
        <tr>
          <th>Run</th>
          <th>Name</th>
          <th>State</th>
          <th>Due</th>
          <th>Started</th>
          <th class="n">Took</th>
          <th>Why</th>
        </tr>
      </thead>
      <tbody>
        ${runs.map(run => row(run, late(run), now))}
      </tbody>
    </table>
  </div>`

const row = (run: Run, late: number | null, now: Instant): Html => {
  const length = durationMs(run)
  return html`<tr>
    <td class="id"><a href="${runPath(run.id)}">#${run.id}</a></td>
    <td class="of">
      ${run.schedule === null ? html`<a class="name" href="${runsPath({ task: run.task })}" title="${run.task}">${run.task}</a>` : scheduleLink(run.schedule)}${run.trigger.kind !== 'schedule' && html`<span class="tag">${run.trigger.kind === 'again' ? 'again' : 'by hand'}</span>`}
    </td>
    <td class="is">${runState(run)}${lateBadge(late)}</td>
    <td class="due">
      ${run.nominalAt === null ? html`<span class="nothing">–</span>` : html`${short(run.nominalAt, now)}${run.count > 1 && html` <span class="tag">${run.count} times</span>`}`}
    </td>
    <td class="began">
      ${run.startedAt === null ? html`<span class="nothing">not started</span>` : ago(run.startedAt, now)}
    </td>
    <td class="n">${length === null || run.state === 'skipped' ? null : took(length)}</td>
    <td class="say">
      ${brief(run.error?.message ?? run.detail ?? '', 160)}${run.unitsFailed > 0 && html` <span class="tag">${run.unitsFailed} of ${run.unitsOk + run.unitsFailed} units failed</span>`}
    </td>
  </tr>`
}

const nothing = (filter: Filter): Html =>
  filterNames.some(name => filter[name] !== undefined)
    ? html`<div class="hint">
        <p>No run is like this. <a href="/runs">Show all runs</a></p>
      </div>`
    : hint('Nothing has run yet. Want a run of a task, now:', command('rota run fetch-news'))

const pager = (filter: Filter, shown: readonly Run[], more: boolean): Html | null => {
  const last = shown.at(-1)
  const newest = filter.before !== undefined && html`<a href="${runsPath({ ...filter, before: undefined })}">Newest</a>`
  const older =
    more &&
    last !== undefined &&
    html`<a href="${runsPath({ ...filter, before: String(last.id) })}" rel="next">Older</a>`
  return newest === false && older === false
    ? null
    : html`<nav class="pager" aria-label="Pages of runs">${newest}${older}</nav>`
}
