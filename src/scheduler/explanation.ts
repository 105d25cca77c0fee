/**
 * Why a schedule does or did nothing, or what it did: for now from what is known, for the past from what was decided then. Pure.
 */

import { duration, formatDuration } from '../base/duration.ts'
import { formatInstant, instant } from '../base/instant.ts'
import type { Instant } from '../base/instant.ts'
import type { Subject } from '../domain/opportunity.ts'
import { isOver, lateMs } from '../domain/run.ts'
import type { Run } from '../domain/run.ts'
import { explain } from '../when/explain.ts'
import type { ExplainedClause } from '../when/explain.ts'
import { noFacts } from '../when/facts.ts'
import { judged } from '../when/judge.ts'
import type { Judged } from '../when/judge.ts'
import { parse } from '../when/parse.ts'
import { compile } from '../when/timetable.ts'
import type { Timetable } from '../when/timetable.ts'
import { waitsOf } from '../when/waits.ts'
import { graceAt } from './moments.ts'

/** Everything an explanation is made of. */
export interface Question {
  readonly subject: Subject
  readonly now: Instant
  /** The instant asked about. */
  readonly at: Instant
  /** The row of the newest opportunity up to `at`. */
  readonly decision: Run | null
  /** The last answers of predicates. */
  readonly answers: Readonly<Record<string, boolean>>
  /** Tasks and others that the schedule names and that nobody here knows. */
  readonly unknown: readonly string[]
}

export interface ScheduleExplanation {
  readonly schedule: string
  readonly at: Instant
  /** What is or was so, one sentence each; the first says the most. */
  readonly sentences: readonly string[]
  /** The row that says what became of the newest opportunity up to then; null where there is none. */
  readonly decision: Run | null
  /** The parts of the condition, clause by clause: one whole clause is enough. */
  readonly clauses: readonly ExplainedClause[]
  /** When something may change: the next instant, and the names of tasks and others whose news matter. */
  readonly wakes: { readonly at: Instant | null; readonly on: readonly string[] }
}

export const explainSchedule = (question: Question): ScheduleExplanation => {
  const { subject, at, now, decision } = question
  const { schedule } = subject
  if (schedule.status === 'unloadable') return unloadable(question)
  const condition = parse(schedule.condition)
  const dates = subject.known?.dates ?? {}
  const times = compile(condition, schedule.timezone, dates)
  const clauses = clausesAt(question, judged(condition, schedule.timezone, dates), times)
  const stopWhen = schedule.policies.stopWhen === null ? null : parse(schedule.policies.stopWhen)
  return {
    schedule: schedule.name,
    at,
    sentences: at < now ? past(question, times) : present(question),
    decision,
    clauses,
    wakes: {
      at: schedule.nextAt,
      on: [...new Set(waitsOf(condition, stopWhen).flatMap(({ name }) => (name === '' ? [] : [name])))].sort(byText),
    },
  }
}

const byText = (a: string, b: string): number => (a < b ? -1 : 1)

const unloadable = ({ subject: { schedule }, at, decision }: Question): ScheduleExplanation => ({
  schedule: schedule.name,
  at,
  sentences: [
    `It cannot be loaded: ${schedule.problem ?? 'no reason is kept'}. It is kept as it is; edit it to bring it back.`,
  ],
  decision,
  clauses: [],
  wakes: { at: null, on: [] },
})

// What waits is decided as far as the mark goes: asked about is the opportunity itself.
const clausesAt = (
  { subject, at, now, answers }: Question,
  condition: Judged,
  times: Timetable,
): readonly ExplainedClause[] => {
  const { schedule, open, known } = subject
  const facts = { ...(known?.facts ?? noFacts(schedule.since)), anchor: schedule.anchor, predicates: answers }
  const waiting = open.filter(({ waitsFor }) => waitsFor.kind === 'condition').map(({ nominalAt }) => nominalAt)
  const newest = times.previous(instant(at + 1), schedule.anchor)
  const mark =
    at < now && newest !== null ? newest - 1 : Math.min(schedule.mark, ...waiting.map(nominal => nominal - 1))
  return explain(condition, at, facts, { mark: instant(mark), grace: graceAt(schedule, times) }).clauses
}

// ---- now

const present = (question: Question): readonly string[] => {
  const { subject, now, decision, unknown } = question
  const { schedule, unfinished, open } = subject
  const missing = unknown.map(name => `Nothing named '${name}' is known here: what waits for it waits in vain.`)
  const runs = unfinished.map(({ id, state }) => `Run ${id} is ${state}.`)
  const waiting = open.map(row => waitingSentence(row, now))
  const last = decision === null ? [] : [`Last: ${became(decision)}`]
  if (schedule.paused !== null) {
    const { by, at, why } = schedule.paused
    const reason = why === null ? '' : `: ${why}`
    return [
      `It is paused by ${by} since ${formatInstant(at)}${reason}. Nothing of it starts until it is resumed.`,
      ...runs,
      ...last,
    ]
  }
  if (schedule.status === 'ended') return [`It has ended: ${endedBecause(subject, now)}.`, ...runs, ...last]
  const next = nextSentence(schedule.nextAt, now)
  const head = waiting.length > 0 || runs.length > 0 ? [...waiting, ...runs, next] : [next]
  return [...head, ...missing, ...last]
}

const waitingSentence = ({ nominalAt, waitsFor }: Subject['open'][number], now: Instant): string => {
  const what = `The opportunity of ${formatInstant(nominalAt)}`
  if (waitsFor.kind === 'overlap') return `${what} waits for an earlier run to end.`
  if (waitsFor.deadline === null) return `${what} waits for what does not hold yet.`
  return `${what} waits for what does not hold yet, until ${formatInstant(waitsFor.deadline)} (${distance(waitsFor.deadline, now)}).`
}

const nextSentence = (nextAt: Instant | null, now: Instant): string =>
  nextAt === null
    ? 'It waits for what its condition names.'
    : `It is looked at next at ${formatInstant(nextAt)} (${distance(nextAt, now)}).`

const distance = (at: Instant, now: Instant): string =>
  at <= now ? 'now' : `in ${formatDuration(duration(Math.ceil((at - now) / 1_000) * 1_000))}`

const endedBecause = ({ schedule }: Subject, now: Instant): string => {
  const { maxRuns, endAt } = schedule.policies
  if (maxRuns !== null && schedule.runsCreated >= maxRuns) return `it has had its ${maxRuns} runs`
  return endAt !== null && now > endAt ? `its end was ${formatInstant(endAt)}` : 'nothing more is to come'
}

// ---- then

const past = ({ subject, at, decision }: Question, times: Timetable): readonly string[] => {
  const { schedule } = subject
  if (at < schedule.createdAt) return [`It did not exist: it was created at ${formatInstant(schedule.createdAt)}.`]
  const edited = schedule.since > at ? [`It was edited since, at ${formatInstant(schedule.since)}.`] : []
  const newest = times.previous(instant(at + 1), schedule.anchor)
  if (decision !== null && covers(decision, at)) return [`${formatInstant(at)}: ${became(decision)}`, ...edited]
  const between = newest === at ? [] : nothingAt(schedule.anchor, at, newest, times)
  const before = decision === null ? [] : [`Before it: ${became(decision)}`]
  if (newest === at && decision === null) {
    return [`${formatInstant(at)} was due, and no row of it is left: it is older than what is kept.`, ...edited]
  }
  return [...between, ...before, ...edited]
}

const nothingAt = (anchor: Instant, at: Instant, newest: Instant | null, times: Timetable): readonly string[] => {
  const next = times.next(at, anchor)
  const shut = times.open(at) ? '' : ' and its window was shut'
  const around = [
    newest === null ? null : `the last before was ${formatInstant(newest)}`,
    next === null ? null : `the next after is ${formatInstant(next)}`,
  ].filter(part => part !== null)
  const told = around.length === 0 ? 'its condition has no moments' : around.join(', ')
  return [`Nothing was due at ${formatInstant(at)}${shut}: ${told}.`]
}

/** Whether the row stands for this very instant. */
const covers = ({ nominalAt, lastNominalAt }: Run, at: Instant): boolean =>
  nominalAt !== null && nominalAt <= at && at <= (lastNominalAt ?? nominalAt)

// ---- one row

/** What became of an opportunity, in one sentence. */
export const became = (run: Run): string => {
  const of = run.nominalAt === null ? '' : ` for ${nominal(run)}`
  const detail = run.detail === null ? '' : `: ${run.detail}`
  switch (run.state) {
    case 'skipped':
      return `skipped (${run.reason ?? 'no reason'})${of}${detail}.`
    case 'open':
      return `open${of}${detail}.`
    case 'queued':
      return `run ${run.id}${of} is queued and waits for a free slot${detail}.`
    case 'retrying':
      return `run ${run.id}${of} waits for attempt ${run.attempt + 1}${run.retryAt === null ? '' : `, due ${formatInstant(run.retryAt)}`}.`
    case 'running':
      return `run ${run.id}${of} is running${late(run)}.`
    default:
      return `run ${run.id}${of} ${run.state}${run.reason === null ? '' : ` (${run.reason})`}${late(run)}${error(run)}.`
  }
}

const nominal = ({ nominalAt, lastNominalAt, count }: Run): string => {
  if (nominalAt === null) return ''
  if (lastNominalAt === null) return formatInstant(nominalAt)
  return `${formatInstant(nominalAt)} to ${formatInstant(lastNominalAt)}, ${count} times`
}

const late = (run: Run): string => {
  const ms = lateMs(run)
  return ms === null || ms < 1_000 ? '' : `, started ${formatDuration(duration(ms))} late`
}

const error = (run: Run): string => {
  if (!isOver(run) || run.state === 'succeeded') return ''
  return run.error === null ? (run.detail === null ? '' : `: ${run.detail}`) : `: ${run.error.message}`
}

/** Why a run is there: what wanted it. */
export const wantedBy = (run: Run): string => {
  const { trigger } = run
  switch (trigger.kind) {
    case 'schedule':
      return `'${run.schedule ?? 'a schedule that is gone'}' was due${run.nominalAt === null ? '' : ` at ${nominal(run)}`}.`
    case 'event': {
      const by = trigger.run === null ? trigger.parents : [trigger.run]
      const after = by.length === 0 ? '' : ` after ${by.length === 1 ? 'run' : 'runs'} ${by.join(', ')}`
      return `'${run.schedule ?? 'a schedule that is gone'}' wanted it${after}${run.nominalAt === null ? '' : `, for ${nominal(run)}`}.`
    }
    case 'hand':
      return `It was wanted by hand, by ${trigger.by}.`
    case 'again':
      return `It is run ${trigger.of} once again, wanted by ${trigger.by}.`
    default:
      return trigger satisfies never
  }
}
