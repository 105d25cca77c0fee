/** Why a schedule is silent, or was: sentences, each part of its condition with its reason, and a form to ask about the past. */

import { RotaError } from '../base/errors.ts'
import { formatInstant, instant } from '../base/instant.ts'
import type { Instant } from '../base/instant.ts'
import type { Schedule } from '../domain/schedule.ts'
import type { App, ScheduleExplanation } from '../app.ts'
import { zoneOf } from '../when/calendar.ts'
import type { ExplainedClause, ExplainedPart } from '../when/explain.ts'
import { writeLocal } from '../when/local-time.ts'
import { readOnWall } from '../when/on-wall.ts'
import { html } from './html.ts'
import type { Html, Part } from './html.ts'
import { section } from './layout.ts'
import { schedulePath } from './links.ts'
import { ago } from './moment.ts'
import { region } from './page.ts'
import { withRunLinks } from './story.ts'

/** What was asked of a schedule, and the answer or why there is none. */
export interface Why {
  /** As it stands in the address; undefined asks about now. */
  readonly at: string | undefined
  readonly answer: ScheduleExplanation | RotaError
}

/** A slip in the time is told beside the form, not instead of the page. */
export const askWhy = async (app: App, schedule: Schedule, at: string | undefined): Promise<Why> => {
  try {
    const asked = at === undefined ? undefined : readOnWall(at, schedule.timezone)
    return { at, answer: await app.schedules.explain(schedule.name, asked) }
  } catch (error) {
    if (error instanceof RotaError && at !== undefined) return { at, answer: error }
    throw error
  }
}

// The form stands outside of what is replaced: what somebody types into it stays.
export const whySection = (schedule: Schedule, { at, answer }: Why, now: Instant): Html => {
  const isNow = at === undefined
  const isWrong = answer instanceof RotaError
  const told = isWrong
    ? html`<p class="trouble" id="ask-trouble">${answer.message}</p>`
    : html`${sentences(answer)} ${clauses('Its condition', answer.clauses, isNow ? now : null)}
      ${clauses('Its stopWhen', answer.stopWhen, isNow ? now : null)}`
  const box = html`<div class="why-box">${region('why', told)} ${form(schedule, at, now, isWrong)}</div>`
  return section('Why', box, isWrong ? null : whenOf(schedule, answer, isNow))
}

const whenOf = ({ name, timezone }: Schedule, { at }: ScheduleExplanation, isNow: boolean): Html => {
  if (isNow) return html`now, times of ${timezone}`
  const local = writeLocal(zoneOf(timezone).local(at)).replace('T', ' ')
  return html`at <time datetime="${formatInstant(at)}">${local}</time> in ${timezone} ·
    <a href="${schedulePath(name)}">now</a>`
}

const sentences = ({ sentences: [first = '', ...rest] }: ScheduleExplanation): Html =>
  html`<p class="said">${said(first)}</p>
    ${rest.map(sentence => html`<p class="said more">${said(sentence)}</p>`)}`

/** A sentence, its conditions as code, and its runs as links. */
const said = (sentence: string): Html =>
  html`${sentence.split('`').map((piece, i) => (i % 2 === 1 ? html`<code>${piece}</code>` : withRunLinks(piece)))}`

const clauses = (title: string, all: readonly ExplainedClause[], now: Instant | null): Part =>
  all.length > 0 &&
  html`<h3 class="tree-of">
      ${title}${all.length > 1 && html` <span class="count">one of ${all.length} is enough</span>`}
    </h3>
    ${tree(all, now)}`

/** The parts of a condition; `now`: where it is asked about now, and may change. */
export const tree = (all: readonly ExplainedClause[], now: Instant | null): Html =>
  html`<ul class="tree">
    ${all.map(clause => clauseItem(clause, now))}
  </ul>`

const clauseItem = (clause: ExplainedClause, now: Instant | null): Html => {
  const [only, ...others] = clause.parts
  if (only !== undefined && others.length === 0) return partItem(only, now)
  return html`<li>
    ${mark(clause.holds)} <code>${clause.text}</code>
    <ul>
      ${clause.parts.map(part => partItem(part, now))}
    </ul>
  </li>`
}

const partItem = ({ text, holds, reason, changesAt }: ExplainedPart, now: Instant | null): Html =>
  html`<li>
    ${mark(holds)} <code>${text}</code> <span class="reason">${said(reason)}</span> ${changes(changesAt, now)}
  </li>`

const changes = (changesAt: Instant | null, now: Instant | null): Part =>
  now !== null &&
  changesAt !== null &&
  changesAt > now &&
  html`<span class="fine">may change ${ago(changesAt, now)}</span>`

const mark = (holds: boolean | null): Html => {
  if (holds === null) return html`<span class="holds unknown" role="img" aria-label="Not known any more:">?</span>`
  return holds
    ? html`<span class="holds yes" role="img" aria-label="Holds:">✓</span>`
    : html`<span class="holds no" role="img" aria-label="Does not hold:">✗</span>`
}

const HOUR_MS = 3_600_000

const form = (schedule: Schedule, at: string | undefined, now: Instant, isWrong: boolean): Html => {
  const zone = zoneOf(schedule.timezone)
  const latest = writeLocal(Math.floor(zone.local(now) / 60_000) * 60_000)
  const anHourAgo = writeLocal(Math.floor(zone.local(instant(now - HOUR_MS)) / HOUR_MS) * HOUR_MS)
  const invalid = isWrong ? html`aria-invalid="true" aria-describedby="ask-trouble"` : null
  return html`<form action="${schedulePath(schedule.name)}" method="get" class="ask">
    <label
      ><span>Ask about another time, in ${schedule.timezone}</span>
      <input
        type="datetime-local"
        name="at"
        required
        max="${latest}"
        value="${localOf(at, schedule.timezone) ?? anHourAgo}"
        ${invalid}
    /></label>
    <button type="submit" class="act calm">Ask</button>
  </form>`
}

const localOf = (at: string | undefined, timezone: string): string | null => {
  try {
    return at === undefined ? null : writeLocal(zoneOf(timezone).local(readOnWall(at, timezone)))
  } catch {
    return null
  }
}
