/** One source: how it is and why, how that changed, and what it gave last. */

import type { Instant } from '../base/instant.ts'
import type { Json } from '../base/json.ts'
import type { HealthChange } from '../domain/health.ts'
import type { Run } from '../domain/run.ts'
import type { Schedule } from '../domain/schedule.ts'
import type { Item } from '../domain/unit.ts'
import type { App, SourceStatus } from '../rota.ts'
import { brief, counted, html } from './html.ts'
import type { Html } from './html.ts'
import { runLink, runsPath } from './links.ts'
import { ago, long, short } from './moment.ts'
import { page, region } from './page.ts'
import { table } from './runs.ts'
import { badge, jitterBy, lateBy } from './state.ts'

const CHANGES = 20
const ITEMS = 25
const RUNS = 5

/** @throws RotaError SOURCE_UNKNOWN */
export const sourcePage = async (app: App, name: string): Promise<Html> => {
  const source = await app.sources.get(name)
  const [{ now }, changes, items, runs, schedules] = await Promise.all([
    app.status(),
    app.sources.changes(name, CHANGES),
    app.sources.items(name, { limit: ITEMS }),
    app.runs.list({ limit: RUNS, source: name }),
    app.schedules.list({ limit: 200 }),
  ])
  return page({
    title: `Rota: ${name} is ${source.health.state}`,
    now,
    events: 'kind=run,health',
    body: html` <nav class="crumbs" aria-label="Where this is">
        <a href="/">Overview</a> <span aria-hidden="true">/</span> Source
      </nav>
      ${region('head', head(source, now))} ${region('changes', changeList(changes, now))}
      ${region('runs', runList(name, runs, schedules, now))} ${region('items', itemTable(items, source.items, now))}`,
  })
}

const head = ({ name, health, items }: SourceStatus, now: Instant): Html =>
  html`<section class="head">
    <div class="title">
      <h1>${name}</h1>
      <div class="badges">${badge(health.state)}</div>
    </div>
    <p class="story">
      ${health.state === 'unknown' ? 'Too little is known yet to judge it' : html`It is ${health.state} since ${long(health.since)}`}${health.reasons.length > 0 && html`: ${health.reasons.join(', ')}`}.
    </p>
    <dl class="facts">
      <div>
        <dt>Items kept</dt>
        <dd>${items.toLocaleString('en-US')}</dd>
      </div>
      <div>
        <dt>Last good</dt>
        <dd>${health.lastGoodAt === null ? 'never yet' : ago(health.lastGoodAt, now)}</dd>
      </div>
      <div>
        <dt>Its last ${counted(health.judged, 'verdict')}</dt>
        <dd>${verdictDots(health.recent, health.judged)}</dd>
      </div>
    </dl>
  </section>`

/** The last verdicts as dots, newest at the right: full is good, hollow with a bar is bad. */
const verdictDots = (bits: number, judged: number): Html => {
  if (judged === 0) return html`none yet`
  const all = Array.from({ length: judged }, (_, i) => ((bits >> (judged - 1 - i)) & 1) === 1)
  const bad = all.filter(Boolean).length
  return html`<svg
    class="verdicts"
    role="img"
    width="${judged * 10}"
    height="14"
    viewBox="0 0 ${judged * 10} 14"
    aria-label="${bad} of the last ${counted(judged, 'verdict')} were bad"
  >
    ${all.map((isBad, i) =>
      isBad
        ? html`<path class="bad" d="M${i * 10 + 1.5} 3.500l7 7M${i * 10 + 8.5} 3.500l-7 7" />`
        : html`<circle class="good" cx="${i * 10 + 5}" cy="7" r="3" />`,
    )}
  </svg>`
}

const changeList = (changes: readonly HealthChange[], now: Instant): Html =>
  html`<section>
    <h2>How its health changed</h2>
    ${
      changes.length === 0
        ? html`<p class="nothing">It has not changed yet: the first state comes after three runs.</p>`
        : html`<ul class="changes">
            ${changes.map(
              ({ from, to, at, run, reasons }) =>
                html`<li>
                  <span class="at">${short(at, now)}</span>
                  <span class="step">${badge(from)} <span class="to" aria-label="to">→</span>${badge(to)}</span>
                  <span class="say">${reasons.join(', ')} <span class="fine">run ${runLink(run)}</span></span>
                </li>`,
            )}
          </ul>`
    }
  </section>`

const runList = (name: string, runs: readonly Run[], schedules: readonly Schedule[], now: Instant): Html => {
  if (runs.length === 0)
    return html`<section>
      <h2>Its last runs</h2>
      <p class="nothing">No run has asked it yet.</p>
    </section>`
  const jitter = jitterBy(schedules)
  return html`<section>
    <h2>Its last runs</h2>
    ${table(runs, run => lateBy(run, now, jitter(run)), now)}
    <p class="pager"><a href="${runsPath({ source: name })}">All runs of ${name}</a></p>
  </section>`
}

const itemTable = (items: readonly Item[], all: number, now: Instant): Html => {
  if (items.length === 0)
    return html`<section>
      <h2>Items</h2>
      <p class="nothing">It has given nothing yet.</p>
    </section>`
  const rows = items.map(
    item =>
      html`<tr>
        <td class="say">
          ${titleOf(item)}
          <details data-key="item ${item.key}">
            <summary>${brief(item.key, 80)}</summary>
            <pre tabindex="0">${dataText(item.data)}</pre>
          </details>
        </td>
        <td>${ago(item.changedAt, now)}</td>
        <td>${short(item.firstSeenAt, now)}</td>
        <td class="n">${item.version}</td>
      </tr>`,
  )
  return html`<section>
    <h2>
      Items
      <span class="count"
        >${items.length < all ? html`the ${items.length} changed last, of ${all.toLocaleString('en-US')}` : all}</span
      >
    </h2>
    <div class="scroll" tabindex="0" role="region" aria-label="Items">
      <table>
        <thead>
          <tr>
            <th>Item</th>
            <th>Changed</th>
            <th>First seen</th>
            <th class="n">Version</th>
          </tr>
        </thead>
        <tbody>
          ${rows}
        </tbody>
      </table>
    </div>
  </section>`
}

const LONGEST_DATA = 4_000

const dataText = (data: Json): string => JSON.stringify(data, null, 2).slice(0, LONGEST_DATA)

/** What a person knows an item by, with a link where it has a web address; only of http and https. */
const titleOf = ({ data, key }: Item): Html => {
  const title = brief(textOf(data, ['title', 'name', 'headline', 'text']) ?? key, 140)
  const address = textOf(data, ['url', 'link', 'href'])
  return address !== undefined && isWeb(address)
    ? html`<a href="${address}" rel="noopener noreferrer nofollow">${title}</a>`
    : html`<span>${title}</span>`
}

const textOf = (data: Json, names: readonly string[]): string | undefined => {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return undefined
  const own = names
    .filter(name => Object.hasOwn(data, name))
    .map(name => (data as Readonly<Record<string, Json>>)[name])
  return own.find((value): value is string => typeof value === 'string' && value.trim() !== '')
}

const isWeb = (address: string): boolean => {
  const url = URL.parse(address)
  return url !== null && (url.protocol === 'https:' || url.protocol === 'http:')
}
