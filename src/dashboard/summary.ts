/** How all is, in one sentence of plain words: the worst first. Pure, over what is known. */

import type { Health } from '../domain/health.ts'
import type { Run } from '../domain/run.ts'
import type { Schedule } from '../domain/schedule.ts'
import { waitsFor } from '../domain/waits-for.ts'
import type { Status } from '../app.ts'
import { about } from './assets/times.js'
import { brief, counted, html } from './html.ts'
import type { Html } from './html.ts'
import { runLink, runsPath, schedulePath, sourcePath } from './links.ts'
import { ago, clock } from './moment.ts'
import { isComing, overdueBy } from './state.ts'

export interface Known {
  readonly status: Status
  readonly schedules: readonly Schedule[]
  /** Of tasks and sources. */
  readonly healths: readonly Health[]
  /** The newest run of each schedule that came to an end by itself, where there is one. */
  readonly outcomes: readonly Run[]
}

export interface Summary {
  /** `well`: nothing to do. `quiet`: nothing happens. `attention`: look when you can. `trouble`: look now. */
  readonly tone: 'well' | 'quiet' | 'attention' | 'trouble'
  /** In a few words, for the title of the window. */
  readonly title: string
  readonly sentence: Html
}

/** The first of these that has something to say. */
export const summarise = (known: Known): Summary =>
  troubleOf(known) ??
  failingOf(known) ??
  overdueOf(known) ??
  unloadableOf(known) ??
  pausedOf(known) ??
  degradedOf(known) ??
  failedOf(known) ??
  quietOf(known) ??
  well(known)

const troubleOf = ({ status }: Known): Summary | null => {
  const [first, ...others] = status.problems
  if (first === undefined) return null
  return {
    tone: 'trouble',
    title: 'trouble',
    sentence: html`Rota cannot do its work:
    ${first}${others.length > 0 && `, and ${counted(others.length, 'more problem')}`}.`,
  }
}

const failingOf = ({ healths, status: { now } }: Known): Summary | null => {
  const failing = subjects(healths).filter(health => health.state === 'failing')
  const [first] = failing
  if (first === undefined) return null
  const { name } = first.subject
  if (failing.length === 1) {
    return {
      tone: 'trouble',
      title: `${name} is failing`,
      sentence: html`${subjectLink(first)} is failing since ${clock(first.since, now)}${reasons(first)}.`,
    }
  }
  return {
    tone: 'trouble',
    title: `${failing.length} are failing`,
    sentence: html`${listed(failing.map(subjectLink))} are failing.`,
  }
}

const overdueOf = ({ schedules, status: { now } }: Known): Summary | null => {
  const overdue = schedules.filter(schedule => overdueBy(schedule, now) !== null)
  const [first] = overdue
  if (first === undefined || first.nextAt === null) return null
  const others = overdue.length > 1 && html`, and ${counted(overdue.length - 1, 'other')} with it`
  return {
    tone: 'trouble',
    title: `${first.name} is late`,
    sentence: html`${scheduleName(first)} is late: it was due at ${clock(first.nextAt, now)},
    ${about(now - first.nextAt)} ago${others}.`,
  }
}

const unloadableOf = ({ schedules }: Known): Summary | null => {
  const [first, ...others] = schedules.filter(schedule => schedule.status === 'unloadable')
  if (first === undefined) return null
  return {
    tone: 'trouble',
    title: `${first.name} cannot be loaded`,
    sentence: html`${scheduleName(first)}${others.length > 0 && ` and ${counted(others.length, 'other')}`} cannot be
    loaded: ${first.problem ?? 'its stored form is not understood'}.`,
  }
}

const pausedOf = ({ status: { pauses, now } }: Known): Summary | null => {
  const pause = pauses.find(({ queue }) => queue === null)?.pause
  if (pause === undefined) return null
  const until = pause.until === null ? '' : html` until ${clock(pause.until, now)}`
  const why = pause.why === null ? '' : `: ${pause.why}`
  return {
    tone: 'quiet',
    title: 'paused',
    sentence: html`Everything is paused by ${pause.by} since ${clock(pause.at, now)}${until}${brief(why, 160)}.`,
  }
}

const degradedOf = ({ healths, status: { now } }: Known): Summary | null => {
  const degraded = subjects(healths).filter(health => health.state === 'degraded')
  const [first] = degraded
  if (first === undefined) return null
  if (degraded.length > 1) {
    return {
      tone: 'attention',
      title: `${degraded.length} are degraded`,
      sentence: html`${listed(degraded.map(subjectLink))} are degraded.`,
    }
  }
  return {
    tone: 'attention',
    title: `${first.subject.name} is degraded`,
    sentence: html`${subjectLink(first)} is degraded since ${clock(first.since, now)}${reasons(first)}.`,
  }
}

const failedOf = ({ outcomes, status: { now } }: Known): Summary | null => {
  const failed = outcomes.filter(run => run.state === 'failed').toSorted((a, b) => b.id - a.id)
  const [first] = failed
  if (first === undefined) return null
  const name = first.schedule ?? first.task
  const why = first.error?.message ?? first.detail ?? first.reason ?? 'without a word'
  const others = failed.length > 1 && html` So did the last runs of ${counted(failed.length - 1, 'other schedule')}.`
  return {
    tone: 'attention',
    title: `${name} failed`,
    sentence: html`The last run of ${name} failed ${first.endedAt !== null && ago(first.endedAt, now)}
    (${runLink(first.id)}): ${brief(why, 140)}.${others}`,
  }
}

const quietOf = ({ schedules, status }: Known): Summary | null => {
  if (schedules.length === 0)
    return { tone: 'quiet', title: 'nothing is scheduled', sentence: html`Nothing is scheduled yet.` }
  if (status.startedAt === null && status.workers.length === 0) {
    return {
      tone: 'quiet',
      title: 'not started',
      sentence: html`Rota is open but not started: nothing runs until it is.`,
    }
  }
  if (schedules.every(schedule => schedule.paused !== null)) {
    const words =
      schedules.length === 1 ? 'The only schedule is paused.' : `All ${schedules.length} schedules are paused.`
    return { tone: 'quiet', title: 'paused', sentence: html`${words}` }
  }
  return null
}

const well = ({ schedules, status: { now } }: Known): Summary => {
  const [next] = schedules.filter(isComing).toSorted((a, b) => a.nextAt - b.nextAt)
  const waiting = schedules.find(schedule => waitsFor(schedule).length > 0)
  const otherwise =
    waiting === undefined ? 'and nothing is to come' : html`${scheduleName(waiting)} waits for what others do`
  const coming = next === undefined ? otherwise : html`the next run is ${scheduleName(next)} ${ago(next.nextAt, now)}`
  return {
    tone: 'well',
    title: 'all well',
    sentence: html`All well: ${counted(schedules.length, 'schedule')}, ${coming}.`,
  }
}

/** A source is a task too: one name is one subject, and the source's word counts. */
const subjects = (healths: readonly Health[]): readonly Health[] => {
  const sources = new Set(healths.filter(({ subject }) => subject.kind === 'source').map(({ subject }) => subject.name))
  return healths
    .filter(({ subject }) => subject.kind === 'source' || !sources.has(subject.name))
    .toSorted((a, b) => a.since - b.since)
}

const subjectLink = ({ subject }: Health): Html =>
  subject.kind === 'source'
    ? html`<a href="${sourcePath(subject.name)}">${subject.name}</a>`
    : html`<a href="${runsPath({ task: subject.name })}">${subject.name}</a>`

const scheduleName = (schedule: Schedule): Html => html`<a href="${schedulePath(schedule.name)}">${schedule.name}</a>`

const reasons = ({ reasons }: Health): Html | null =>
  reasons.length === 0 ? null : html`: ${brief(reasons.join(', '), 160)}`

const MOST_NAMED = 3

/** `a, b and c`; beyond three, `a, b, c and 4 others`. */
const listed = (names: readonly Html[]): Html => {
  const shown = names.slice(0, MOST_NAMED)
  const others = names.length - shown.length
  const last = others > 0 ? html`${counted(others, 'other')}` : shown.pop()
  return html`${shown.map((name, i) => html`${i > 0 && ', '}${name}`)}${shown.length > 0 && ' and '}${last}`
}
