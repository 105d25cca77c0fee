/**
 * Why a schedule does or did nothing, or what it did: for now from what is known, for the past from what was decided then. Pure.
 */

import { about, duration } from '../base/duration.ts'
import { RotaError } from '../base/errors.ts'
import { formatInstant, instant } from '../base/instant.ts'
import type { Instant } from '../base/instant.ts'
import type { OpenRow, Subject } from '../domain/opportunity.ts'
import { isOver } from '../domain/run.ts'
import type { Run } from '../domain/run.ts'
import { pauseText } from '../domain/schedule.ts'
import type { Schedule } from '../domain/schedule.ts'
import { zoneOf } from '../when/calendar.ts'
import { isMoment, isWindow, leavesOf } from '../when/condition.ts'
import { allHold, explain } from '../when/explain.ts'
import type { ExplainedClause, ExplainedPart } from '../when/explain.ts'
import { noFacts } from '../when/facts.ts'
import type { Facts, RunFact, UsedEnd } from '../when/facts.ts'
import { judged } from '../when/judge.ts'
import type { Judged, JudgedClause } from '../when/judge.ts'
import { compileClause, isOpen, previousMoment } from '../when/moments.ts'
import { parse } from '../when/parse.ts'
import { print } from '../when/print.ts'
import { spokenNext } from '../when/spoken.ts'
import { compile } from '../when/timetable.ts'
import type { Timetable } from '../when/timetable.ts'
import { waitsOf } from '../when/waits.ts'
import { became, dueOf, say } from './became.ts'
import type { Wall } from './became.ts'
import { upcomingOf } from './definition.ts'
import { dueMoments, graceAt } from './moments.ts'
import type { Answer } from './predicates.ts'

/** Everything an explanation is made of. */
export interface Question {
  readonly subject: Subject
  readonly now: Instant
  /** The instant asked about. */
  readonly at: Instant
  /** The row of the newest opportunity up to `at`. */
  readonly decision: Run | null
  /** The schedule's rows up to that one, newest first: as many as it takes to say what used an event. */
  readonly rows: readonly Run[]
  /** Runs of the tasks whose ends and runs it asks about, around `at`; the order does not matter. */
  readonly runs: readonly Run[]
  /** How predicates answered last, by name. */
  readonly answers: ReadonlyMap<string, Answer>
  /** How many waiting runs a restore holds in this store. */
  readonly held: number
  /** Tasks and others that the schedule names and that nobody here knows. */
  readonly unknown: readonly string[]
  /** The tasks by which its task leads to itself again: `['a', 'b', 'a']`; null where it does not. */
  readonly cycle: readonly string[] | null
}

export interface ScheduleExplanation {
  readonly schedule: string
  readonly at: Instant
  /** The schedule's: all times in words are its wall's. */
  readonly timezone: string
  /** What is or was so, one sentence each; the first says the most. */
  readonly sentences: readonly string[]
  /** The row that says what became of the newest opportunity up to then; null where there is none. */
  readonly decision: Run | null
  /** The parts of the condition, clause by clause: one whole clause is enough. */
  readonly clauses: readonly ExplainedClause[]
  /** The parts of `stopWhen` where it has one: nothing starts while one whole clause holds. */
  readonly stopWhen: readonly ExplainedClause[]
  /** When something may change: the next instant, and the names of tasks and others whose news matter. */
  readonly wakes: { readonly at: Instant | null; readonly on: readonly string[] }
}

/** A question, and what is worked out once for all of its answer. */
interface Case extends Question {
  readonly condition: Judged
  readonly times: Timetable
  readonly facts: Facts
  readonly wall: Wall
  readonly clauses: readonly ExplainedClause[]
  readonly stopWhen: readonly ExplainedClause[]
}

/** @throws RotaError OPTION_INVALID for an instant that is to come */
export const explainSchedule = (question: Question): ScheduleExplanation => {
  const { subject, at, now, decision } = question
  if (at > now) {
    throw new RotaError('OPTION_INVALID', `${formatInstant(at)} is to come; what is, or was, can be explained.`, {
      details: { option: 'at' },
    })
  }
  const { schedule } = subject
  if (schedule.status === 'unloadable') return unloadable(question)
  const written = parse(schedule.condition)
  const dates = subject.known?.dates ?? {}
  const times = compile(written, schedule.timezone, dates)
  const condition = judged(written, schedule.timezone, dates)
  const facts = at < now ? factsThen(question) : factsNow(question)
  const clauses = clausesAt(question, condition, times, facts)
  const stop = schedule.policies.stopWhen === null ? null : parse(schedule.policies.stopWhen)
  const stopWhen = stop === null ? [] : stopsAt(question, judged(stop, schedule.timezone, dates), facts)
  const asked = { ...question, condition, times, facts, clauses, stopWhen, wall: { zone: condition.zone, beside: at } }
  return {
    schedule: schedule.name,
    at,
    timezone: schedule.timezone,
    sentences: at < now ? past(asked) : present(asked),
    decision,
    clauses,
    stopWhen,
    wakes: {
      at: schedule.nextAt,
      on: [...new Set(waitsOf(written, stop).flatMap(({ name }) => (name === '' ? [] : [name])))].sort(byText),
    },
  }
}

/** The tasks of whose runs a question has to know. */
export const tasksOf = ({ condition, status }: Schedule): readonly string[] =>
  status === 'unloadable'
    ? []
    : [
        ...new Set(
          leavesOf(parse(condition)).flatMap(leaf =>
            leaf.kind === 'after' || leaf.kind === 'running' ? [leaf.task] : [],
          ),
        ),
      ]

const byText = (a: string, b: string): number => (a < b ? -1 : 1)

const unloadable = ({ subject: { schedule }, at, decision }: Question): ScheduleExplanation => ({
  schedule: schedule.name,
  at,
  timezone: schedule.timezone,
  sentences: [
    `It cannot be loaded: ${schedule.problem ?? 'no reason is kept'}. It is kept as it is; edit it to bring it back.`,
  ],
  decision,
  clauses: [],
  stopWhen: [],
  wakes: { at: null, on: [] },
})

// ---- facts, as they are and as they were

const factsNow = (question: Question): Facts => {
  const { subject, answers } = question
  const facts = subject.known?.facts ?? noFacts(subject.schedule.since)
  const predicates = Object.fromEntries([...answers].map(([name, { holds }]) => [name, holds]))
  return { ...facts, anchor: subject.schedule.anchor, predicates, ends: endsOf(question, facts.since) }
}

/** What was known at an instant that is past, as far as its rows are kept. */
const factsThen = (question: Question): Facts => {
  const { subject, at, rows, runs } = question
  const { schedule, known } = subject
  const { unused: _unused, ...facts } = known?.facts ?? noFacts(schedule.since)
  const counted = new Set(facts.runs.map(({ id }) => id))
  // What ended in the same millisecond came after it.
  const since = instant((schedule.since > at ? schedule.createdAt : schedule.since) - 1)
  const used = rows.flatMap(row => (usesEvents(row) ? decidedAt(row) : null) ?? []).filter(decided => decided < at)
  return {
    ...facts,
    since,
    anchor: schedule.anchor,
    predicates: {},
    runs: [...facts.runs, ...runs.filter(({ id }) => !counted.has(id)).map(factOf)],
    decidedAt: used.length === 0 ? null : instant(Math.max(...used)),
    lastEnd: lastEndThen(rows, at),
    ends: endsOf(question, since),
  }
}

const lastEndThen = (rows: readonly Run[], at: Instant): Facts['lastEnd'] => {
  const last = rows.find(row => row.createdAt < at)
  if (last === undefined) return null
  return last.endedAt === null || last.endedAt > at ? 'unfinished' : last.endedAt
}

const factOf = ({ id, task, startedAt, endedAt, state }: Run): RunFact => {
  const outcome = state === 'open' || state === 'queued' || state === 'running' || state === 'retrying' ? null : state
  return { id, task, startedAt, endedAt: outcome === null ? null : endedAt, outcome }
}

const endsOf = ({ runs, rows, at }: Question, since: Instant): readonly UsedEnd[] =>
  runs.flatMap(run => {
    const { endedAt } = run
    if (!isOver(run) || endedAt === null || endedAt > at) return []
    const user = endedAt < since ? undefined : userOf(run, endedAt, rows, at)
    return [{ ...factOf(run), usedBy: user === undefined ? null : nameOf(user) }]
  })

/** The row that came of an end, or else the first decision after it, which used it. */
const userOf = (run: Run, endedAt: Instant, rows: readonly Run[], at: Instant): Run | undefined => {
  const came = rows.find(({ trigger }) => trigger.kind === 'event' && trigger.parents.includes(run.id))
  if (came !== undefined && (came.state !== 'open' || came.reason === 'overlap') && !isCoalesced(came)) return came
  return rows.findLast(row => {
    const decided = usesEvents(row) ? decidedAt(row) : null
    return decided !== null && decided >= endedAt && decided <= at
  })
}

const nameOf = ({ id, state, reason, detail }: Run): string => {
  if (state === 'open') return 'the opportunity that waits'
  return state === 'skipped' ? `a skip: ${detail ?? reason ?? 'no reason is kept'}` : `run ${id}`
}

const isCoalesced = ({ reason }: Run): boolean => reason === 'coalesced' || reason === 'expired'

const usesEvents = (row: Run): boolean => row.scheduleId !== null && !isCoalesced(row)

/** When it was decided, as far as the row tells; null while it is open. */
const decidedAt = ({ state, startedAt, endedAt, createdAt }: Run): Instant | null => {
  if (startedAt !== null || state === 'skipped') return startedAt ?? endedAt
  return state === 'open' ? null : createdAt
}

// What waits is decided as far as the mark goes: asked about is the opportunity itself.
const clausesAt = (
  question: Question,
  condition: Judged,
  times: Timetable,
  facts: Facts,
): readonly ExplainedClause[] => {
  const { subject, at, now } = question
  const { schedule, open } = subject
  const grace = graceAt(schedule, times)
  if (at < now) return explain(condition, at, facts, { mark: markThen(question, times), grace }, true).clauses
  const waiting = open.filter(({ waitsFor }) => waitsFor.kind === 'condition').map(({ nominalAt }) => nominalAt)
  const mark = instant(Math.min(schedule.mark, ...waiting.map(nominal => nominal - 1)))
  return explain(condition, at, facts, { mark, grace }).clauses
}

const stopsAt = ({ at, now }: Question, condition: Judged, facts: Facts): readonly ExplainedClause[] => {
  const { clauses } = explain(condition, at, facts, { mark: at, grace: duration(0) }, at < now)
  // A `stopWhen` has no moments: it holds as far as its parts do.
  return clauses.map(clause => ({ ...clause, holds: allHold(clause.parts) }))
}

// At its own instant a moment was not decided yet, and later it was not while it waited.
const markThen = ({ subject: { schedule }, at, decision }: Question, times: Timetable): Instant => {
  const newest = times.previous(instant(at + 1), schedule.anchor)
  if (newest === null) return at
  const decided = decision === null || (decision.nominalAt ?? 0) < newest ? null : decidedAt(decision)
  return instant(newest < at && decided !== null && decided < at ? newest : newest - 1)
}

// ---- now

const present = (asked: Case): readonly string[] => {
  const { subject, now, wall, unknown, cycle } = asked
  const { schedule } = subject
  const lives = livesOf(asked)
  const last = lastOf(asked)
  if (schedule.paused !== null) {
    const end = schedule.paused.until === null ? 'it is resumed' : 'then'
    return [
      `It is paused ${pauseText(schedule.paused, at => say(at, wall))}. Nothing of it starts until ${end}.`,
      ...lives,
      ...last,
    ]
  }
  if (schedule.status === 'ended') return [`It has ended: ${endedBecause(subject, now, wall)}.`, ...lives, ...last]
  const missing = unknown.map(name => `Nothing named '${name}' is known here: what waits for it waits in vain.`)
  const head = [...stopped(asked), ...missing, ...undecided(asked)]
  return [...head, ...lives, ...unanswered(asked), ...nextOf(asked), ...untimedOf(asked), ...last, ...round(cycle)]
}

/** Legal where there is time between, and not always meant. */
const round = (cycle: readonly string[] | null): readonly string[] => {
  if (cycle === null) return []
  const [first, ...rest] = cycle.map(task => `'${task}'`)
  return [`It goes round, with time between: ${first} leads to ${rest.join(', which leads to ')}.`]
}

const stopped = ({ stopWhen }: Case): readonly string[] => {
  const holding = stopWhen.find(({ holds }) => holds === true)
  return holding === undefined
    ? []
    : [`Nothing of it starts while stopWhen holds: ${holding.parts.map(withReason).join(' and ')}.`]
}

/** What went wrong with the predicates that it asks. */
const unanswered = ({ answers, condition, wall }: Case): readonly string[] =>
  condition.clauses
    .flatMap(({ states }) => states.flatMap(({ state }) => (state.kind === 'predicate' ? [state.name] : [])))
    .flatMap(name => {
      const answer = answers.get(name)
      return answer === undefined || answer.problem === null
        ? []
        : [`The predicate '${name}' gave no answer ${say(answer.at, wall)}: ${answer.problem}.`]
    })

/** A moment that has come although nobody decides it. */
const undecided = ({ subject: { schedule }, now, times, wall }: Case): readonly string[] => {
  const due = dueMoments(schedule, now, times)
  return due === null
    ? []
    : [`${capital(say(due.newest, wall))} has come and is not decided yet: nothing schedules on this store at present.`]
}

/** What is there of it already, and waits or runs. */
const livesOf = (asked: Case): readonly string[] => {
  const { subject, rows, wall } = asked
  const runs = subject.unfinished.map(({ id, state }) => {
    const row = rows.find(one => one.id === id)
    return `${capital(row === undefined ? `run ${id} is ${state}` : became(row, wall))}.`
  })
  return [...subject.open.map(row => waitingSentence(row, asked)), ...runs, ...heldBack(subject.unfinished, asked.held)]
}

/** What is said where some of these runs may be among those that a restore holds. */
export const heldBack = (runs: readonly Pick<Run, 'state'>[], held: number): readonly string[] => {
  if (held === 0 || !runs.some(({ state }) => state === 'queued' || state === 'retrying')) return []
  const them = held === 1 ? 'one waiting run' : `${held} waiting runs`
  return [`A restore holds ${them} in this store until released: rota runs release.`]
}

const waitingSentence = ({ nominalAt, waitsFor }: OpenRow, asked: Case): string => {
  const { subject, clauses, wall, at } = asked
  const what = `The opportunity of ${say(nominalAt, wall)} waits`
  if (waitsFor.kind === 'overlap') {
    const earlier = subject.unfinished[0]
    return `${what} for ${earlier === undefined ? 'an earlier run' : `run ${earlier.id}`} to end.`
  }
  const until = waitsFor.deadline === null ? '' : `, until ${spokenNext(waitsFor.deadline, at, wall.zone, false)}`
  return `${what} for ${missingIn(clauses[waitsFor.clause])}${until}.`
}

const missingIn = (clause: ExplainedClause | undefined): string => {
  const missing = (clause?.parts ?? []).filter(({ holds }) => holds === false)
  return missing.length === 0 ? 'its turn' : missing.map(withReason).join(' and for ')
}

const withReason = ({ text, reason }: ExplainedPart): string => `\`${text}\` (${reason})`

const nextOf = ({ subject, now, wall }: Case): readonly string[] => {
  const [next] = upcomingOf(subject.schedule, now, 1, subject.known?.dates ?? {})
  return next === undefined ? [] : [`Next: ${spokenNext(next, now, wall.zone, false)}.`]
}

/** What the clauses that no moment opens wait for. */
const untimedOf = ({ subject, condition, clauses }: Case): readonly string[] =>
  condition.clauses.flatMap((clause, index) => {
    const explained = clauses[index]
    const waits = subject.open.some(({ waitsFor }) => waitsFor.kind === 'condition' && waitsFor.clause === index)
    if (clause.hasMoments || explained === undefined || waits) return []
    return explained.holds === true
      ? [`\`${explained.text}\` holds, and nothing has decided it yet.`]
      : [`It waits for ${missingIn({ ...explained, parts: eventsFirst(clause, explained.parts) })}.`]
  })

// A window that is shut keeps nothing while nothing has happened.
const eventsFirst = (clause: JudgedClause, parts: readonly ExplainedPart[]): readonly ExplainedPart[] => {
  const happenings = parts.filter((_, index) => {
    const leaf = clause.leaves[index]?.leaf
    return leaf?.kind === 'after' || leaf?.kind === 'after itself' || leaf?.kind === 'start'
  })
  return happenings.some(({ holds }) => holds === false) ? happenings : parts
}

const lastOf = ({ subject, decision, wall }: Case): readonly string[] => {
  const live = new Set([...subject.unfinished, ...subject.open].map(({ id }) => id))
  return decision === null || live.has(decision.id) ? [] : [`Last, ${told(decision, wall)}.`]
}

const told = (row: Run, wall: Wall): string => {
  const due = dueOf(row, wall)
  return due === null ? became(row, wall) : `${due}: ${became(row, wall)}`
}

const endedBecause = ({ schedule }: Subject, now: Instant, wall: Wall): string => {
  const { maxRuns, endAt } = schedule.policies
  if (maxRuns !== null && schedule.runsCreated >= maxRuns)
    return `it has had ${maxRuns === 1 ? 'its one run' : `all its ${maxRuns} runs`}`
  return endAt !== null && now > endAt ? `its end was ${say(endAt, wall)}` : 'nothing more is to come'
}

// ---- then

const past = (asked: Case): readonly string[] => {
  const { subject, at, decision, wall } = asked
  const { schedule } = subject
  if (at < schedule.createdAt) return [`It did not exist: it was created ${say(schedule.createdAt, wall)}.`]
  const edited = schedule.since > at ? [`It was edited since, ${say(schedule.since, wall)}.`] : []
  if (decision !== null && covers(decision, at)) return [`${capital(told(decision, wall))}.`, ...edited]
  const alive = aliveThen(asked)
  if (alive.length > 0) return [...alive, ...edited]
  return [...pausedThen(asked), ...endedThen(asked), ...notDueThen(asked), ...beforeIt(asked), ...edited]
}

/** What of the opportunity before was not over yet. */
const aliveThen = ({ decision, at, wall }: Case): readonly string[] => {
  if (decision === null || decision.nominalAt === null || decision.lastNominalAt !== null) return []
  const { startedAt, endedAt, nominalAt } = decision
  if (endedAt !== null && endedAt <= at) return []
  const was =
    startedAt !== null && startedAt <= at
      ? `Run ${decision.id} for ${say(nominalAt, wall)} was running then`
      : `The opportunity of ${say(nominalAt, wall)} was waiting then`
  return [`${was}: ${became(decision, wall)}.`]
}

const pausedThen = ({ subject: { schedule }, at, wall }: Case): readonly string[] =>
  schedule.paused === null || schedule.paused.at > at
    ? []
    : [`It was paused ${pauseText(schedule.paused, since => say(since, wall))}.`]

const endedThen = ({ subject, at, wall }: Case): readonly string[] => {
  const { schedule } = subject
  if (schedule.status !== 'ended' || (schedule.lastNominalAt ?? 0) > at) return []
  return [`It had ended: ${endedBecause(subject, at, wall)}.`]
}

const notDueThen = (asked: Case): readonly string[] => {
  const { subject, at, times, condition, wall } = asked
  const { schedule } = subject
  const when = say(at, wall)
  if (times.previous(instant(at + 1), schedule.anchor) === at) {
    return schedule.mark < at
      ? [`${when} has come and is not decided yet: nothing has scheduled on this store since.`]
      : [`${when} was due, and no row of it is left: it is older than what is kept.`]
  }
  const shut = condition.clauses.flatMap(clause => shutWindows(clause, asked))
  if (shut.length > 0) return [`Nothing was due ${when}: window closed, ${shut.join(' and ')}.`]
  const untimed = condition.clauses.flatMap((clause, index) =>
    clause.hasMoments ? [] : whyNotThen(clause, asked.clauses[index]),
  )
  const around = hasTimes(condition) ? [`Nothing was due ${when}${neighbours(asked)}.`] : []
  return [...untimed, ...around]
}

const hasTimes = ({ clauses }: Judged): boolean => clauses.some(({ hasMoments }) => hasMoments)

/** The windows that kept a moment of a clause from being one at that very instant. */
const shutWindows = (clause: JudgedClause, { at, condition, subject: { schedule } }: Case): readonly string[] => {
  const { zone } = condition
  const moments = clause.leaves.filter(({ leaf }) => isMoment(leaf))
  if (moments.length === 0 || previousMoment(compileClause(moments), zone, at + 1, schedule.anchor) !== at) return []
  return clause.leaves
    .filter(literal => isWindow(literal.leaf) && !isOpen(compileClause([literal], clause.sets), zone, at))
    .map(({ leaf, negated }) => `\`${print(negated ? { kind: 'not', of: leaf } : leaf)}\` did not hold`)
}

const whyNotThen = (clause: JudgedClause, explained: ExplainedClause | undefined): readonly string[] =>
  explained === undefined || explained.holds === true
    ? []
    : [`Nothing wanted it: it waited for ${missingIn({ ...explained, parts: eventsFirst(clause, explained.parts) })}.`]

const neighbours = ({ at, times, subject: { schedule }, wall }: Case): string => {
  const newest = times.previous(at, schedule.anchor)
  const next = times.next(at, schedule.anchor)
  const around = [
    newest === null ? null : `the last before was ${say(newest, wall)}`,
    next === null ? null : `the next after is ${say(next, wall)}, ${about(next - at)} later`,
  ].filter(part => part !== null)
  return around.length === 0 ? '' : `: ${around.join(', ')}`
}

const beforeIt = ({ decision, wall }: Case): readonly string[] =>
  decision === null ? [] : [`Before it, ${told(decision, wall)}.`]

/** Whether the row stands for this very instant. */
const covers = ({ nominalAt, lastNominalAt }: Run, at: Instant): boolean =>
  nominalAt !== null && nominalAt <= at && at <= (lastNominalAt ?? nominalAt)

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

/** The zone whose wall a run without a schedule is told on. */
export const wallBeside = (timezone: string, beside: Instant): Wall => ({ zone: zoneOf(timezone), beside })
