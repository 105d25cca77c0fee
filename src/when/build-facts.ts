/** Facts in code: `after(news).succeeds()`, `succeeded(news).today().atLeast(3)`. */

import { phrase, withMethods } from './phrase.ts'
import type { Phrase } from './phrase.ts'

/** Whatever has a name: a task as `app.task` gives it, or the name alone. */
export type Named = string | { readonly name: string }

/** `on` is for days; a start of the app is this. */
export const start: Phrase = phrase('on start')

/** `onDates('holidays')` is `on 'holidays'`: a named set of dates. */
export const onDates = (name: string): Phrase => phrase(`on ${quoted(name)}`)

/** `predicate('disk is free')` is `if 'disk is free'`. */
export const predicate = (name: string): Phrase => phrase(`if ${quoted(name)}`)

export interface Events {
  succeeds(): Phrase
  fails(): Phrase
  isPartial(): Phrase
  finishes(): Phrase
}

/** `after(news).succeeds()`; of several tasks, when all have: `after(a, b).succeeds()`. */
export const after = (...tasks: readonly Named[]): Events => events(`after ${tasks.map(quoted).join(' and ')}`)

/** `afterAny(a, b).fails()`. */
export const afterAny = (...tasks: readonly Named[]): Events => events(`after any of ${tasks.map(quoted).join(', ')}`)

/** `later('10 minutes', news).finishes()` is `10 minutes after 'news' finishes`. */
export const later = (length: string, task: Named): Events => events(`${length} after ${quoted(task)}`)

/** `afterItself('5 minutes')` is `5 minutes after it finishes`. */
export const afterItself = (length: string): Phrase => phrase(`${length} after it finishes`)

/** A count of runs, at first of all history and at least one: `succeeded(news).today().atLeast(3)`. */
export type Count = Phrase & {
  today(): Count
  thisHour(): Count
  thisWeek(): Count
  thisMonth(): Count
  inTheLast(length: string): Count
  atLeast(times: number): Count
  moreThan(times: number): Count
  fewerThan(times: number): Count
  exactly(times: number): Count
}

export const succeeded = (task: Named): Count => count(`${quoted(task)} has succeeded`, '', '')
export const failed = (task: Named): Count => count(`${quoted(task)} has failed`, '', '')
export const finished = (task: Named): Count => count(`${quoted(task)} has finished`, '', '')
export const started = (task: Named): Count => count(`${quoted(task)} has started`, '', '')
export const skipped = (task: Named): Count => count(`${quoted(task)} has been skipped`, '', '')

export const running = (task: Named): Phrase => phrase(`${quoted(task)} is running`)

/** `healthy('betpawa')`, and the other states of health. */
export const healthy = (subject: Named): Phrase => phrase(`${quoted(subject)} is healthy`)
export const degraded = (subject: Named): Phrase => phrase(`${quoted(subject)} is degraded`)
export const failing = (subject: Named): Phrase => phrase(`${quoted(subject)} is failing`)
export const blocked = (subject: Named): Phrase => phrase(`${quoted(subject)} is blocked`)

function events(text: string): Events {
  return {
    succeeds: () => phrase(`${text} succeeds`),
    fails: () => phrase(`${text} fails`),
    isPartial: () => phrase(`${text} is partial`),
    finishes: () => phrase(`${text} finishes`),
  }
}

function count(what: string, period: string, number: string): Count {
  const during = (words: string): Count => count(what, ` ${words}`, number)
  const compared = (words: string, times: number): Count => count(what, period, ` ${words} ${times} times`)
  return withMethods(phrase(`${what}${period}${number}`), {
    today: () => during('today'),
    thisHour: () => during('this hour'),
    thisWeek: () => during('this week'),
    thisMonth: () => during('this month'),
    inTheLast: (length: string) => during(`in the last ${length}`),
    atLeast: (times: number) => compared('at least', times),
    moreThan: (times: number) => compared('more than', times),
    fewerThan: (times: number) => compared('fewer than', times),
    exactly: (times: number) => compared('exactly', times),
  })
}

function quoted(named: Named): string {
  const name = typeof named === 'string' ? named : named.name
  return `'${name.replaceAll("'", "''")}'`
}
