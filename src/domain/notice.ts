/**
 * What is worth telling a person, and who wants to hear it. Pure: what happened and which alarms are on goes in; what is
 * told, and which alarms are on then, comes out.
 *
 *   failed    a run failed for good, the first of a row (with `every`: each of them)
 *   recovered what was failed, overdue or silent ran well again
 *   health    a task or source turned degraded or failing, or healthy again
 *   overdue   something is due, and nobody decides or starts it
 *   silent    no good run where several were expected
 *
 * An alarm is on from the first notice to the last: it is told once, and again only when something about it changes.
 */

import { duration } from '../base/duration.ts'
import { neutral } from '../base/foreign.ts'
import { formatInstant, instant } from '../base/instant.ts'
import type { Instant } from '../base/instant.ts'
import type { RunId } from '../base/name.ts'
import type { HealthChange } from './health.ts'
import type { Run } from './run.ts'

export const noticeKinds = ['failed', 'recovered', 'health', 'overdue', 'silent'] as const
export type NoticeKind = (typeof noticeKinds)[number]

/** What can last. */
export type AlarmKind = Exclude<NoticeKind, 'recovered'>

export interface NoticeSubject {
  /** Runs by hand and health have no schedule: then it is the task or source. */
  readonly kind: 'schedule' | 'task' | 'source'
  readonly name: string
}

/** What somebody is told. */
export interface Notice {
  /** The same each time it is sent: a notice may come twice. */
  readonly id: string
  /** `test` is sent by hand, to see whether it arrives. */
  readonly kind: NoticeKind | 'test'
  readonly subject: NoticeSubject
  readonly run: RunId | null
  readonly at: Instant
  /** One line: what it is, a colon, and the rest. */
  readonly text: string
}

/** Which notices go to which destination. */
export interface NoticeRule {
  readonly destination: string
  readonly on: readonly NoticeKind[]
  /** Only of these tasks and sources, or with these tags; null and null: of all. */
  readonly tasks: readonly string[] | null
  readonly tags: readonly string[] | null
  /** Each failure of a row, not only the first. */
  readonly every: boolean
}

/** What may become notices. */
export interface Telling extends Omit<Notice, 'id' | 'kind'> {
  readonly kind: NoticeKind
  /** Tells one change from all others: a second telling of it is none. */
  readonly key: string
  /** The tasks and sources it is about, and the tags of its schedule. */
  readonly names: readonly string[]
  readonly tags: readonly string[]
  /** A further failure of a row. */
  readonly isFurther: boolean
  /** Of `recovered`: the alarms that it ends. */
  readonly ends: readonly AlarmKind[]
}

/** Something that lasts and was told. */
export interface Alarm {
  readonly kind: AlarmKind
  readonly subject: NoticeSubject
  readonly names: readonly string[]
  readonly tags: readonly string[]
  readonly since: Instant
  readonly run: RunId | null
  /** How bad it is: `late`, `stale`, `degraded`, `failing`; '' where that has no degrees. */
  readonly level: string
  /** How many failures in a row. */
  readonly count: number
  /** As it was told first. */
  readonly text: string
  /** How often it was told again because it lasts, and when that is due next. */
  readonly repeats: number
  readonly repeatAt: Instant | null
}

/** What came of something that happened: in this order. */
export interface Told {
  readonly tellings: readonly Telling[]
  readonly raised: readonly Alarm[]
  readonly cleared: readonly AlarmKind[]
}

export const nothingTold: Told = { tellings: [], raised: [], cleared: [] }

const LONGEST_TEXT = 1_000
const LONGEST_PART = 500
const REPEAT_EVERY = duration(86_400_000)
// Who has not reacted for a week knows.
const MOST_REPEATS = 7

/** Of what the notices of a run are. */
export const subjectOf = (run: Pick<Run, 'schedule' | 'task'>): NoticeSubject =>
  run.schedule === null ? { kind: 'task', name: run.task } : { kind: 'schedule', name: run.schedule }

/** What the end of a run tells; `open` are the alarms of its subject. Of what was cancelled or skipped there is nothing to tell. */
export const toldByEnd = (run: Run, open: readonly Alarm[], tags: readonly string[]): Told => {
  const { endedAt } = run
  if (endedAt === null) return nothingTold
  if (run.state === 'failed') return toldByFailure(run, endedAt, open, tags)
  if (run.state === 'succeeded' || run.state === 'partial') return toldByGoodEnd(run, endedAt, open, tags)
  return nothingTold
}

const toldByFailure = (run: Run, at: Instant, open: readonly Alarm[], tags: readonly string[]): Told => {
  const before = open.find(alarm => alarm.kind === 'failed')
  const about = { subject: subjectOf(run), names: [run.task], tags, run: run.id }
  const text = textOf(`${nameOf(about.subject)} failed`, `${whyFailed(run)} (${placeOf(run)})`)
  const key = `failed ${run.id} ${at}`
  const further = before !== undefined
  const alarm = before ?? { ...about, kind: 'failed', since: at, level: '', count: 0, text, ...untold }
  return {
    tellings: [{ ...about, kind: 'failed', at, text, key, isFurther: further, ends: [] }],
    raised: [{ ...alarm, count: alarm.count + 1 }],
    cleared: [],
  }
}

// A failure that lasts is told again by the health of its task, and by silence.
const untold = { repeats: 0, repeatAt: null } as const

const toldByGoodEnd = (run: Run, at: Instant, open: readonly Alarm[], tags: readonly string[]): Told => {
  const ended = open.filter(alarm => alarm.kind !== 'health')
  if (ended.length === 0) return nothingTold
  return { ...recovery(ended, at, run, tags), raised: [] }
}

const recovery = (
  ended: readonly Alarm[],
  at: Instant,
  run: Run | null,
  tags: readonly string[],
): Pick<Told, 'tellings' | 'cleared'> => {
  const [first] = ended
  if (first === undefined) return nothingTold
  const kinds = ended.map(alarm => alarm.kind)
  const well = run === null ? 'goes on' : run.state === 'partial' ? 'runs again, in part' : 'runs again'
  const text = textOf(`${nameOf(first.subject)} ${well}`, ended.map(over).join('; '))
  const key = `recovered ${nameOf(first.subject)} ${run?.id ?? 'without a run'} ${at}`
  const { subject, names } = first
  return {
    tellings: [
      { kind: 'recovered', subject, names, tags, run: run?.id ?? null, at, text, key, isFurther: false, ends: kinds },
    ],
    cleared: kinds,
  }
}

const over = ({ kind, since, count }: Alarm): string =>
  kind === 'failed'
    ? `it failed ${count === 1 ? 'once' : `${count} times`} since ${formatInstant(since)}`
    : `it was ${kind} since ${formatInstant(since)}`

/** What a change of health tells. That something unknown turned out healthy is no news. */
export const toldByHealth = (
  change: HealthChange,
  { task, tags }: { readonly task: string; readonly tags: readonly string[] },
): Told => {
  const { subject, from, to, at, run, reasons } = change
  if (to === 'unknown' || (from === 'unknown' && to === 'healthy')) return nothingTold
  const text = textOf(`${nameOf(subject)} is ${to === 'healthy' ? 'healthy again' : to}`, reasons.join('; '))
  const about = { subject, names: [...new Set([subject.name, task])], tags, run }
  const key = `health ${nameOf(subject)} ${run} ${to}`
  const telling: Telling = { ...about, kind: 'health', at, text, key, isFurther: false, ends: [] }
  if (to === 'healthy') return { tellings: [telling], raised: [], cleared: ['health'] }
  const repeatAt = instant(at + REPEAT_EVERY)
  const alarm: Alarm = { ...about, kind: 'health', since: at, level: to, count: 0, text, repeats: 0, repeatAt }
  return { tellings: [telling], raised: [alarm], cleared: [] }
}

/** What an alarm that lasts tells at `at`: the same again, a day after it was told last, for a week. */
export const toldAgain = (alarm: Alarm, at: Instant): Told => {
  if (alarm.repeatAt === null || alarm.repeatAt > at) return nothingTold
  const repeats = alarm.repeats + 1
  const { kind, subject, names, tags, run, since } = alarm
  const text = neutral(`${alarm.text}; so since ${formatInstant(since)}`, LONGEST_TEXT)
  const key = `${kind} ${nameOf(subject)} ${since} again ${repeats}`
  const repeatAt = repeats < MOST_REPEATS ? instant(at + REPEAT_EVERY) : null
  return {
    tellings: [{ kind, subject, names, tags, run, at, text, key, isFurther: false, ends: [] }],
    raised: [{ ...alarm, repeats, repeatAt }],
    cleared: [],
  }
}

/** What is told when a schedule becomes overdue or silent, or more so. */
export const toldByWatch = (
  kind: 'overdue' | 'silent',
  about: Pick<Alarm, 'subject' | 'names' | 'tags' | 'level'>,
  since: Instant,
  at: Instant,
  why: string,
): Told => {
  const text = textOf(`${nameOf(about.subject)} is ${kind}`, why)
  const key = `${kind} ${nameOf(about.subject)} ${about.level} ${since}`
  const repeatAt = instant(at + REPEAT_EVERY)
  const { subject, names, tags } = about
  return {
    tellings: [{ kind, subject, names, tags, run: null, at, text, key, isFurther: false, ends: [] }],
    raised: [{ ...about, kind, since, run: null, count: 0, text, repeats: 0, repeatAt }],
    cleared: [],
  }
}

/** What is told when an alarm is over although nothing ran. */
export const toldByEndOf = (alarm: Alarm, at: Instant): Told => ({
  ...recovery([alarm], at, null, alarm.tags),
  raised: [],
})

/** The destinations that are told this, each once. */
export const hearersOf = (telling: Telling, rules: readonly NoticeRule[]): readonly string[] => [
  ...new Set(rules.filter(rule => hears(rule, telling)).map(rule => rule.destination)),
]

const hears = (rule: NoticeRule, telling: Telling): boolean =>
  rule.on.includes(telling.kind) &&
  (!telling.isFurther || rule.every) &&
  // Who was not told of the trouble is not told of its end.
  (telling.kind !== 'recovered' || telling.ends.some(kind => rule.on.includes(kind))) &&
  isAbout(rule, telling)

const isAbout = ({ tasks, tags }: NoticeRule, telling: Telling): boolean => {
  if (tasks === null && tags === null) return true
  return telling.names.some(name => tasks?.includes(name)) || telling.tags.some(tag => tags?.includes(tag))
}

/** What it is, without the rest: for where there is little room. */
export const headlineOf = ({ text }: Pick<Notice, 'text'>): string => text.split(': ', 1)[0] ?? ''

const nameOf = ({ kind, name }: NoticeSubject): string => (kind === 'schedule' ? `'${name}'` : `${kind} '${name}'`)

// What others wrote stands on one line, bounded, and does nothing to who reads it.
const textOf = (headline: string, rest: string): string =>
  rest === '' ? neutral(headline, LONGEST_TEXT) : neutral(`${headline}: ${rest}`, LONGEST_TEXT)

const whyFailed = ({ error, reason, detail }: Run): string => {
  const why = error === null ? (detail ?? 'without a word') : `${error.name}: ${error.message}`
  const shown = neutral(why, LONGEST_PART)
  return reason === null || reason === 'error' ? shown : `${reason}, ${shown}`
}

const placeOf = ({ id, attempt, attemptsAllowed, nominalAt }: Run): string => {
  const due = nominalAt === null ? '' : `, due ${formatInstant(nominalAt)}`
  // What stands for a flow is not attempted itself.
  const tried = attempt === 0 ? '' : `, attempt ${attempt} of ${Math.max(attempt, attemptsAllowed)}`
  return `run ${id}${due}${tried}`
}
