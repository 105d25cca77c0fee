/** One source: how it is and why, how that changed, and what it gave last. */

import type { Instant } from '../base/instant.ts'
import type { Json } from '../base/json.ts'
import type { HealthChange } from '../domain/health.ts'
import type { Run } from '../domain/run.ts'
import type { Schedule } from '../domain/schedule.ts'
import type { Item } from '../domain/unit.ts'
import type { App, SourceStatus } from '../app.ts'
import { brief, counted, html } from './html.ts'
import type { Html } from './html.ts'
import { facts, nothing, section, table } from './layout.ts'
import { runLink, runsPath } from './links.ts'
import { ago, long, short } from './moment.ts'
import { page, region } from './page.ts'
import { runTable } from './run-table.ts'
import { badge } from './state.ts'

const CHANGES = 20
const ITEMS = 25
const RUNS = 5
const MOST_SCHEDULES = 500

/** @throws RotaError SOURCE_UNKNOWN */
export const sourcePage = async (app: App, name: string): Promise<Html> => {
  const source = await app.sources.get(name)
  const [{ now }, changes, items, runs, schedules] = await Promise.all([
    app.status(),
    app.sources.changes(name, CHANGES),
    app.sources.items(name, { limit: ITEMS }),
    app.runs.list({ limit: RUNS, source: name }),
    app.schedules.list({ limit: MOST_SCHEDULES }),
  ])
  return page({
    title: `Rota: ${name} is ${source.health.state}`,
    now,
    events: 'kind=run,health',
    body: html`<nav class="crumbs" aria-label="Where this is">
        <a href="/">Overview</a> <span aria-hidden="true">/</span> Source
      </nav>
      ${region('head', head(source, now))}
      ${region('changes', section('How its health changed', changeList(changes, now)))}
      ${region('runs', section('Its last runs', runsOf(name, runs, schedules, now)))}
      ${region('items', section('Items', itemTable(items, now), itemCount(items.length, source.items)))}`,
  })
}

const head = ({ name, health, items }: SourceStatus, now: Instant): Html => {
  const why = health.reasons.length > 0 && html`: ${health.reasons.join(', ')}`
  const how =
    health.state === 'unknown'
      ? html`Too little is known yet to judge it`
      : html`It is ${health.state} since ${long(health.since)}`
  return html`<section class="head">
    <div class="title">
      <h1>${name}</h1>
      <div class="badges">${badge(health.state)}</div>
    </div>
    <p class="story">${how}${why}.</p>
    ${facts([
      ['Items kept', items.toLocaleString('en-US')],
      ['Last good', health.lastGoodAt === null ? 'never yet' : ago(health.lastGoodAt, now)],
      [`Its last ${counted(health.judged, 'verdict')}`, verdictDots(health.recent, health.judged)],
    ])}
  </section>`
}

const DOT = 10

/** The last verdicts, newest at the right: a dot is good, a cross is bad. */
const verdictDots = (bits: number, judged: number): Html => {
  if (judged === 0) return html`none yet`
  const verdicts = Array.from({ length: judged }, (_, i) => ((bits >> (judged - 1 - i)) & 1) === 1)
  const bad = verdicts.filter(Boolean).length
  const words = `${bad} of the last ${counted(judged, 'verdict')} were bad`
  const width = judged * DOT
  const dots = verdicts.map((isBad, i) =>
    isBad
      ? html`<path class="bad" d="M${i * DOT + 1.5} 3.5l7 7M${i * DOT + 8.5} 3.5l-7 7" />`
      : html`<circle class="good" cx="${i * DOT + 5}" cy="7" r="3" />`,
  )
  return html`<svg
    class="verdicts"
    role="img"
    width="${width}"
    height="14"
    viewBox="0 0 ${width} 14"
    aria-label="${words}"
  >
    ${dots}
  </svg>`
}

const changeList = (changes: readonly HealthChange[], now: Instant): Html => {
  if (changes.length === 0) return nothing('It has not changed yet: the first state comes after three runs.')
  const rows = changes.map(
    ({ from, to, at, run, reasons }) =>
      html`<li>
        <span class="at">${short(at, now)}</span>
        <span class="step">${badge(from)} <span class="to" aria-label="to">→</span> ${badge(to)}</span>
        <span class="say">${reasons.join(', ')} <span class="fine">run ${runLink(run)}</span></span>
      </li>`,
  )
  return html`<ul class="changes">
    ${rows}
  </ul>`
}

const runsOf = (name: string, runs: readonly Run[], schedules: readonly Schedule[], now: Instant): Html => {
  if (runs.length === 0) return nothing('No run has asked it yet.')
  return html`${runTable(runs, schedules, now)}
    <p class="pager"><a href="${runsPath({ source: name })}">All runs of ${name}</a></p>`
}

const itemCount = (shown: number, all: number): string => {
  const words = all.toLocaleString('en-US')
  return shown < all ? `the ${shown} changed last, of ${words}` : words
}

const LONGEST_DATA = 4_000

const itemTable = (items: readonly Item[], now: Instant): Html => {
  if (items.length === 0) return nothing('It has given nothing yet.')
  const rows = items.map(
    item =>
      html`<tr>
        <td class="say">
          ${titleOf(item)}
          <details data-key="item ${item.key}">
            <summary>${brief(item.key, 80)}</summary>
            <pre tabindex="0">${JSON.stringify(item.data, null, 2).slice(0, LONGEST_DATA)}</pre>
          </details>
        </td>
        <td>${ago(item.changedAt, now)}</td>
        <td>${short(item.firstSeenAt, now)}</td>
        <td class="n">${item.version}</td>
      </tr>`,
  )
  return table('Items', ['Item', 'Changed', 'First seen', { number: 'Version' }], rows)
}

/** What a person knows an item by, with a link where it has a web address. */
const titleOf = ({ data, key }: Item): Html => {
  const title = brief(textOf(data, ['title', 'name', 'headline', 'text']) ?? key, 140)
  const address = webAddress(textOf(data, ['url', 'link', 'href']))
  return address === null
    ? html`<span>${title}</span>`
    : html`<a href="${address}" rel="noopener noreferrer nofollow">${title}</a>`
}

const textOf = (data: Json, names: readonly string[]): string | undefined => {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return undefined
  const own = new Map(Object.entries(data))
  return names.map(name => own.get(name)).find(value => typeof value === 'string' && value.trim() !== '') as
    | string
    | undefined
}

// An address of another kind could be a script.
const webAddress = (text: string | undefined): string | null => {
  const url = text === undefined ? null : URL.parse(text)
  return url !== null && (url.protocol === 'https:' || url.protocol === 'http:') ? url.href : null
}
