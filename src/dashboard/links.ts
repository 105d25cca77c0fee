/** Where things are: the addresses of the pages, and links to them. */

import type { RunId } from '../base/name.ts'
import type { Run } from '../domain/run.ts'
import { html } from './html.ts'
import type { Html } from './html.ts'

export const runPath = (id: RunId): string => `/runs/${id}`
export const schedulePath = (name: string): string => `/schedules/${segment(name)}`
export const sourcePath = (name: string): string => `/sources/${segment(name)}`

/** A name as a part of an address. A stored row may hold half a character, which has none: a page is made all the same. */
export const segment = (name: string): string => encodeURIComponent(name.toWellFormed())

/** The list of runs, filtered. */
export const runsPath = (filter: Readonly<Record<string, string | undefined>>): string => {
  const query = new URLSearchParams(
    Object.entries(filter).filter((entry): entry is [string, string] => (entry[1] ?? '') !== ''),
  )
  return query.size === 0 ? '/runs' : `/runs?${query.toString().replaceAll('%2C', ',')}`
}

export const runLink = (id: RunId): Html => html`<a href="${runPath(id)}">#${id}</a>`

export const scheduleLink = (name: string): Html =>
  html`<a class="name" href="${schedulePath(name)}" title="${name}">${name}</a>`

/** The runs of a task: it has no page of its own. */
export const taskLink = (name: string): Html =>
  html`<a class="name" href="${runsPath({ task: name })}" title="${name}">${name}</a>`

export const sourceLink = (name: string): Html =>
  html`<a class="name" href="${sourcePath(name)}" title="${name}">${name}</a>`

/** What a run is known by: its schedule where it has one, else its task. */
export const nameOf = (run: Pick<Run, 'schedule' | 'task'>): string => run.schedule ?? run.task
