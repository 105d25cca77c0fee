/** When a schedule is due next, in a few words, or why it is not. */

import type { Instant } from '../base/instant.ts'
import type { Schedule } from '../domain/schedule.ts'
import { waitsFor } from '../domain/waits-for.ts'
import type { App } from '../app.ts'
import { brief, html } from './html.ts'
import type { Html } from './html.ts'
import { ago, short } from './moment.ts'
import { badge, lateBadge, overdueBy } from './state.ts'

/**
 * A schedule with the next moment that a person can expect of it. One that asks for facts, or that ends its runs, wakes at
 * other times too: when a grace is over, a window opens, a predicate is asked again.
 */
export const asExpected = (app: App, schedule: Schedule, now: Instant): Schedule => {
  const { nextAt, usesFacts, policies } = schedule
  const wakesInside = usesFacts || policies.stopWhen !== null || policies.startWithin !== null
  // One that has come shows that nobody looks.
  if (!wakesInside || nextAt === null || nextAt <= now) return schedule
  return { ...schedule, nextAt: app.schedules.upcoming(schedule, 1)[0] ?? null }
}

export const nextOf = (schedule: Schedule, now: Instant): Html => {
  const late = overdueBy(schedule, now)
  if (schedule.paused !== null) {
    const { at, by, why, until } = schedule.paused
    return html`${badge('paused')}
      <span class="fine" title="${why ?? ''}"
        >${ago(at, now)} by
        ${by}${until !== null && html`, until ${short(until, now)}`}${why !== null && `: ${brief(why, 60)}`}</span
      >`
  }
  if (schedule.status === 'unloadable')
    return html`${badge('unloadable', 'cannot be loaded')}
      <span class="fine" title="${schedule.problem ?? ''}">${brief(schedule.problem ?? '', 60)}</span>`
  if (schedule.status === 'ended') return html`${badge('ended')} <span class="fine">nothing is to come</span>`
  const awaited = waitsFor(schedule)
  if (schedule.nextAt === null)
    return html`<span class="nothing">${awaited.length === 0 ? 'waits' : waits(awaited)}</span>`
  return html`<span class="soon">${late === null ? ago(schedule.nextAt, now) : lateBadge(late)}</span>
    <span class="fine">${short(schedule.nextAt, now)}${awaited.length > 0 && html`, or ${waits(awaited)}`}</span>`
}

const waits = (awaited: readonly string[]): Html => {
  const text = awaited.join(', or ')
  return html`<span title="${text}">${brief(text, 80)}</span>`
}
