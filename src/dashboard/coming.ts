/** When a schedule is due next, in a few words, or why it is not. */

import type { Instant } from '../base/instant.ts'
import type { Schedule } from '../domain/schedule.ts'
import { brief, html } from './html.ts'
import type { Html } from './html.ts'
import { ago, short } from './moment.ts'
import { badge, lateBadge, overdueBy } from './state.ts'

export const nextOf = (schedule: Schedule, now: Instant): Html => {
  const late = overdueBy(schedule, now)
  if (schedule.paused !== null) {
    const { at, by, why } = schedule.paused
    return html`${badge('paused')}
      <span class="fine" title="${why ?? ''}">${ago(at, now)} by ${by}${why !== null && `: ${brief(why, 60)}`}</span>`
  }
  if (schedule.status === 'unloadable')
    return html`${badge('unloadable', 'cannot be loaded')}
      <span class="fine" title="${schedule.problem ?? ''}">${brief(schedule.problem ?? '', 60)}</span>`
  if (schedule.status === 'ended') return html`${badge('ended')} <span class="fine">nothing is to come</span>`
  if (schedule.nextAt === null) return html`<span class="nothing">waits for an event</span>`
  return html`<span class="soon">${late === null ? ago(schedule.nextAt, now) : lateBadge(late)}</span>
    <span class="fine">${short(schedule.nextAt, now)}</span>`
}
