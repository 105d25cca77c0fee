/** One run: the units of its sources worked side by side, each failing alone, and what the run comes to. */

import type { Duration } from '../base/duration.ts'
import { asError } from '../base/errors.ts'
import { instant } from '../base/instant.ts'
import type { Instant } from '../base/instant.ts'
import { validate } from '../base/schema.ts'
import type { Schema } from '../base/schema.ts'
import { giveUp, partial, retryAfter } from '../domain/outcome.ts'
import type { Context } from '../domain/task.ts'
import { noItems } from '../domain/unit.ts'
import type { Unit } from '../domain/unit.ts'
import { endingOf } from './ending.ts'
import type { UnitEnd } from './ending.ts'
import { isPublicAddress } from './fetch/address.ts'
import { Fetcher } from './fetch/fetcher.ts'
import { processLanes } from './fetch/lanes.ts'
import { maskText } from './fetch/mask.ts'
import type { AnswerMemory } from './fetch/memory.ts'
import { openTransport } from './fetch/transport.ts'
import type { SourcePlan } from './plan.ts'
import { sideBySide } from './side-by-side.ts'
import { workUnit } from './unit.ts'

/** A source's part in a run. */
export interface Part {
  readonly plan: SourcePlan
  readonly memory: AnswerMemory
  readonly input: unknown
  /** Checks the input, where nobody has yet. */
  readonly schema?: Schema<unknown, unknown> | null
}

/**
 * Works the units that no earlier attempt finished, and gives the run's result.
 *
 * @throws GiveUp when every unit failed, RetryAfter when all that failed were told to wait
 */
export const collect = async (parts: readonly Part[], context: Context, timeout: Duration | null): Promise<unknown> => {
  const finished = (await context.records.finishedUnits()).filter(isFinal)
  const startedAt = context.clock.now()
  const halt = new AbortController()
  const run: RunView = {
    context,
    finished: new Map(finished.map(unit => [identity(unit.source, unit.query), unit])),
    at: context.nominalAt ?? startedAt,
    deadline: timeout === null ? null : instant(startedAt + timeout),
    signal: AbortSignal.any([context.signal, halt.signal]),
  }
  const ends = await sideBySide(parts.length, parts, async part => {
    try {
      return await workPart(part, run)
    } catch (error) {
      // What is wrong with the run itself (a store that cannot be written) is wrong for all of it.
      halt.abort(error)
      throw error
    }
  })
  return concluded(ends.flat())
}

interface RunView {
  readonly context: Context
  readonly finished: ReadonlyMap<string, Unit>
  readonly at: Instant
  readonly deadline: Instant | null
  readonly signal: AbortSignal
}

const identity = (source: string, query: string): string => JSON.stringify([source, query])

// Being told to wait was the end of a unit's attempt, not of the unit.
const isFinal = ({ state, verdict }: Unit): boolean =>
  state !== 'failed' || (verdict !== 'rate_limited' && verdict !== 'quota_exhausted')

const workPart = async (part: Part, run: RunView): Promise<readonly UnitEnd[]> => {
  const { plan } = part
  const wanted = await queriesOf(part)
  if ('problem' in wanted) return [await finish(run, unaskable(plan.name, wanted.problem, run))]
  const open = wanted.queries.filter(query => !run.finished.has(identity(plan.name, query)))
  const before = wanted.queries.flatMap(query => run.finished.get(identity(plan.name, query)) ?? [])
  const ends = open.length === 0 ? [] : await workQueries(part, wanted.input, open, run)
  return [...before.map(unit => ({ unit, until: null })), ...ends]
}

type Wanted = { readonly queries: readonly string[]; readonly input: unknown } | { readonly problem: string }

const queriesOf = async ({ plan, input, schema }: Part): Promise<Wanted> => {
  try {
    const checked = schema === undefined || schema === null ? input : await validate(schema, input)
    return { queries: plan.queries(checked), input: checked }
  } catch (error) {
    return { problem: `what to ask cannot be told: ${asError(error).message}` }
  }
}

const workQueries = async (
  part: Part,
  input: unknown,
  queries: readonly string[],
  run: RunView,
): Promise<readonly UnitEnd[]> => {
  const { plan, memory } = part
  const { context, signal, deadline } = run
  const { records, clock } = context
  const log = context.log.child({ source: plan.name })
  await using transport = openTransport(plan.allowPrivate ? anyAddress : isPublicAddress)
  const { limits } = plan
  const tools = {
    transport,
    lanes: processLanes,
    memory,
    records,
    clock,
    log,
    signal,
    deadline,
    limits,
    random: Math.random,
  }
  const fetcher = new Fetcher(tools, plan.judge)
  return await sideBySide(limits.concurrency, queries, async query => {
    const own = { query, at: run.at, attempt: context.attempt, log: log.child({ query }) }
    return finish(run, await workUnit({ plan, input, fetcher, records, clock, ...own }))
  })
}

const anyAddress = (): boolean => true

const finish = async (run: RunView, end: UnitEnd): Promise<UnitEnd> => {
  await run.context.records.finishUnit(end.unit)
  return end
}

const unaskable = (source: string, problem: string, { context }: RunView): UnitEnd => {
  const now = context.clock.now()
  const judgement = { state: 'failed', verdict: 'not_measured', detail: maskText(problem) } as const
  const ended = { attempt: context.attempt, startedAt: now, endedAt: now, requests: 0, items: noItems }
  return { unit: { source, query: '', ...judgement, ...ended }, until: null }
}

const concluded = (ends: readonly UnitEnd[]): unknown => {
  const ending = endingOf(ends)
  switch (ending.kind) {
    case 'succeeded':
      return ending.result
    case 'partial':
      return partial(ending.result, ending.detail)
    case 'failed':
      throw giveUp(ending.reason)
    case 'told to wait':
      throw retryAfter(ending.until, ending.reason)
    default:
      return ending satisfies never
  }
}
