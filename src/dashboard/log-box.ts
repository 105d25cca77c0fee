/** The log of a run: the newest lines in a box that stays at its end while new ones come. */

import type { Instant } from '../base/instant.ts'
import type { Json } from '../base/json.ts'
import type { RunId } from '../base/name.ts'
import { isOver } from '../domain/run.ts'
import type { Run } from '../domain/run.ts'
import type { App } from '../app.ts'
import { counted, html } from './html.ts'
import type { Html } from './html.ts'
import { nothing, section } from './layout.ts'
import { short } from './moment.ts'

export type Line = Awaited<ReturnType<App['runs']['logs']>>[number]

// A run keeps at most 10,000 lines; a page shows the newest of them unless it is asked for all.
const MOST_LINES = 300
const LINES_A_TIME = 1_000

/** All lines of a run. */
export const readLog = async (app: App, id: RunId): Promise<readonly Line[]> => {
  const lines: Line[] = []
  for (let more = true; more;) {
    const next = await app.runs.logs(id, lines.at(-1)?.seq ?? 0, LINES_A_TIME)
    lines.push(...next)
    more = next.length === LINES_A_TIME
  }
  return lines
}

export const logBox = (all: readonly Line[], run: Run, now: Instant, wantsAll: boolean): Html => {
  if (all.length === 0) return noLines(run)
  const lines = wantsAll ? all : all.slice(-MOST_LINES)
  const older =
    all.length > lines.length &&
    html`<p class="older">
      The newest ${lines.length} of ${counted(all.length, 'line')}. <a href="?lines=all">Show all</a>
    </p>`
  const box = html`<div class="log" tabindex="0" role="region" aria-label="Log" data-key="log" data-stick>
    <ol>
      ${lines.map(line => row(line, now))}
    </ol>
  </div>`
  return section('Log', html`${older}${box}`, all.length)
}

const noLines = (run: Run): Html => {
  // What was never executed could say nothing.
  if (run.attempt === 0) return html``
  const words = isOver(run) ? 'This run logged nothing.' : 'Nothing is logged yet.'
  return section('Log', nothing(html`${words} In a handler: <code>context.log.info('page read', { page: 3 })</code>`))
}

const row = (line: Line, now: Instant): Html => {
  const fields = fieldsText(line.fields)
  return html`<li class="log-${line.level}">
    <span class="at">${short(line.at, now)}</span> <span class="level">${line.level}</span>
    <span class="message">${line.message}${fields !== '' && html` <span class="fields">${fields}</span>`}</span>
  </li>`
}

const fieldsText = (fields: Json): string => {
  if (fields === null) return ''
  if (typeof fields !== 'object' || Array.isArray(fields)) return JSON.stringify(fields)
  return Object.entries(fields)
    .map(([name, value]) => `${name}=${typeof value === 'string' && value !== '' ? value : JSON.stringify(value)}`)
    .join(' ')
}
