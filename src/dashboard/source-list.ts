/** Every source as a row: how it is, why, and what it has given. The worst stand first. */

import type { Instant } from '../base/instant.ts'
import type { SourceStatus } from '../app.ts'
import { counted, html } from './html.ts'
import type { Html } from './html.ts'
import { sourceLink } from './links.ts'
import { ago, short } from './moment.ts'
import { badge } from './state.ts'

const worstFirst: readonly string[] = ['failing', 'degraded', 'unknown', 'healthy']

export const sourceList = (sources: readonly SourceStatus[], now: Instant): Html => {
  const place = ({ health }: SourceStatus): number => worstFirst.indexOf(health.state)
  const sorted = sources.toSorted((a, b) => place(a) - place(b) || (a.name < b.name ? -1 : 1))
  return html`<ul class="sources">
    ${sorted.map(source => row(source, now))}
  </ul>`
}

const row = ({ name, health, items }: SourceStatus, now: Instant): Html =>
  html`<li>
    <div class="who"><h3>${sourceLink(name)}</h3></div>
    <div>${badge(health.state)} <span class="fine">since ${short(health.since, now)}</span></div>
    <div class="why" title="${health.reasons.join('\n')}">${health.reasons.join(', ')}</div>
    <div class="was-good">
      ${health.lastGoodAt === null ? 'never good yet' : html`good ${ago(health.lastGoodAt, now)}`}
    </div>
    <div class="number">${counted(items, 'item')}</div>
  </li>`
