/** The list of runs: filters that live in the address, a table, older pages. */

import { RotaError } from '../base/errors.ts'
import type { RunId } from '../base/name.ts'
import { nearest } from '../base/nearest.ts'
import { liveStates, runStates } from '../domain/run.ts'
import type { Run, RunState } from '../domain/run.ts'
import type { App } from '../app.ts'
import { brief, html } from './html.ts'
import type { Html } from './html.ts'
import { command, hint } from './layout.ts'
import { runsPath } from './links.ts'
import { page, region } from './page.ts'
import { runTable } from './run-table.ts'

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

export const filterNames: readonly (keyof Filter)[] = ['state', 'task', 'schedule', 'source', 'before']

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
  const choices = { schedule: namesOf(schedules), task: namesOf(app.tasks.list()), source: namesOf(sources) }
  const list = shown.length === 0 ? none(filter) : runTable(shown, schedules, now)
  return page({
    title: 'Rota: runs',
    here: '/runs',
    now,
    // An older page does not change.
    ...(before === undefined ? { events: 'kind=run' } : {}),
    body: html`<h1>Runs</h1>
      <div class="filters">${chips(filter, states)}${choicesForm(filter, choices)}</div>
      ${region('runs', html`${list}${pager(filter, shown, runs.length > shown.length)}`)}`,
  })
}

const namesOf = (rows: readonly { readonly name: string }[]): readonly string[] => rows.map(({ name }) => name)

const readStates = (text: string | undefined): readonly RunState[] | undefined => text?.split(',').map(readState)

const readState = (word: string): RunState => {
  const state = runStates.find(state => state === word.trim())
  if (state !== undefined) return state
  const hint = nearest(word, runStates)
  const advice = hint === undefined ? `The states are ${runStates.join(', ')}.` : `Did you mean '${hint}'?`
  throw new RotaError('OPTION_INVALID', `There is no state '${word.slice(0, 40)}'. ${advice}`)
}

const readBefore = (text: string): RunId => {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text) as RunId
  throw new RotaError('OPTION_INVALID', `'${text.slice(0, 40)}' is not the number of a run.`)
}

// What a person asks for with one word.
const groups: readonly (readonly [words: string, states: readonly RunState[]])[] = [
  ['all', []],
  ['live', liveStates],
  ['succeeded', ['succeeded']],
  ['partial', ['partial']],
  ['failed', ['failed']],
  ['skipped', ['skipped']],
  ['cancelled', ['cancelled']],
]

const chips = (filter: Filter, chosen: readonly RunState[] | undefined): Html =>
  html`<ul class="chips" aria-label="State">
    ${groups.map(([words, states]) => {
      const path = runsPath({ ...filter, before: undefined, state: states.join(',') })
      const isChosen = isSame(states, chosen ?? [])
      return html`<li><a href="${path}" ${isChosen ? html`aria-current="true"` : null}>${words}</a></li>`
    })}
  </ul>`

const isSame = (some: readonly RunState[], others: readonly RunState[]): boolean =>
  some.length === others.length && some.every(state => others.includes(state))

type Choice = 'schedule' | 'task' | 'source'

const choicesForm = (filter: Filter, choices: Readonly<Record<Choice, readonly string[]>>): Html =>
  html`<form action="/runs" method="get" class="choices">
    ${filter.state !== undefined && html`<input type="hidden" name="state" value="${filter.state}" />`}
    ${(['schedule', 'task', 'source'] as const).map(name => choice(name, choices[name], filter[name]))}
    <button type="submit" class="act calm">Apply</button>
  </form>`

const choice = (name: Choice, choices: readonly string[], chosen: string | undefined): Html => {
  if (choices.length === 0 && chosen === undefined) return html``
  const all = chosen === undefined || choices.includes(chosen) ? choices : [chosen, ...choices]
  const options = all.map(one => {
    const selected = one === chosen ? html`selected` : null
    return html`<option value="${one}" ${selected}>${brief(one, 60)}</option>`
  })
  return html`<label>
    <span>${name}</span>
    <select name="${name}">
      <option value="">any</option>
      ${options}
    </select>
  </label>`
}

const none = (filter: Filter): Html =>
  filterNames.some(name => filter[name] !== undefined)
    ? html`<div class="hint">
        <p>No run is like this. <a href="/runs">Show all runs</a></p>
      </div>`
    : hint('Nothing has run yet. Want a run of a task, now:', command('rota run fetch-news'))

const pager = (filter: Filter, shown: readonly Run[], more: boolean): Html => {
  const last = shown.at(-1)
  const newest = filter.before !== undefined && link(runsPath({ ...filter, before: undefined }), 'Newest')
  const older = more && last !== undefined && link(runsPath({ ...filter, before: String(last.id) }), 'Older', 'next')
  return html`<nav class="pager" aria-label="Pages of runs">${newest} ${older}</nav>`
}

const link = (path: string, words: string, rel = 'prev'): Html => html`<a href="${path}" rel="${rel}">${words}</a>`
