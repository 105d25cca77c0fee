/** An App over plain data, with just enough life to answer for: what the server and the pages ask, nothing executes. */

import { RotaError } from '../../src/base/errors.ts'
import { instant, parseInstant } from '../../src/base/instant.ts'
import type { Instant } from '../../src/base/instant.ts'
import type { RunId, TaskName } from '../../src/base/name.ts'
import { unknownHealth } from '../../src/domain/health.ts'
import type { Health, HealthChange } from '../../src/domain/health.ts'
import { usualPlace } from '../../src/domain/limits.ts'
import type { StoredPause } from '../../src/store/store.ts'
import type { Queue } from '../../src/domain/limits.ts'
import { isOver, isStep, runStates } from '../../src/domain/run.ts'
import type { Attempt, Run } from '../../src/domain/run.ts'
import { defaultPolicies, pauseFrom } from '../../src/domain/schedule.ts'
import type { Schedule } from '../../src/domain/schedule.ts'
import { defineTask } from '../../src/domain/task.ts'
import type { Task } from '../../src/domain/task.ts'
import type { Item, Unit } from '../../src/domain/unit.ts'
import type { App, AppEvent, ScheduleExplanation, SourceStatus, Status, Target, WorkerStatus } from '../../src/app.ts'
import { became, wantedBy } from '../../src/scheduler/became.ts'
import { explainSchedule, tasksOf, wallBeside } from '../../src/scheduler/explanation.ts'
import type { StoredNotice } from '../../src/store/store.ts'
import { noFacts } from '../../src/when/facts.ts'

type Line = Awaited<ReturnType<App['runs']['logs']>>[number]

export interface PlainData {
  now: Instant
  startedAt: Instant | null
  problems: readonly string[]
  tasks: Task<never, unknown>[]
  schedules: Schedule[]
  runs: Run[]
  attempts: Attempt[]
  units: (Unit & { readonly run: RunId })[]
  lines: (Line & { readonly run: RunId })[]
  sources: SourceStatus[]
  healths: Health[]
  changes: HealthChange[]
  items: Item[]
  /** Newest first. */
  notices: StoredNotice[]
  queues: Queue[]
  workers: readonly WorkerStatus[]
  pauses: StoredPause[]
}

export interface PlainApp extends App {
  readonly data: PlainData
  /** What was asked of the app that changes something, in order. */
  readonly asked: string[]
  readonly tell: (event: AppEvent) => void
  readonly listeners: () => number
}

export const NOW = parseInstant('2026-11-22T09:20:30Z')

/** `at('09:12:00')`: that time of the day of NOW, in UTC. */
export const at = (time: string): Instant => parseInstant(`2026-11-22T${time}Z`)

export const taskRow = (name: string, kind: 'task' | 'source' = 'task'): Task<never, unknown> =>
  defineTask<never, unknown>(name, () => null, {}, { kind, sources: kind === 'source' ? [name] : [] })

export const scheduleRow = (
  row: Partial<Omit<Schedule, 'task'>> & { readonly name: string; readonly task?: string },
): Schedule => ({
  id: 1,
  input: null,
  condition: 'every 5 minutes',
  timezone: 'UTC',
  anchor: at('00:00:00'),
  policies: defaultPolicies,
  tags: [],
  origin: 'code',
  declaredHash: null,
  declared: true,
  since: at('00:00:00'),
  createdAt: at('00:00:00'),
  revision: 1,
  version: 1,
  mark: at('09:20:00'),
  highestMark: at('09:20:00'),
  nextAt: at('09:25:00'),
  paused: null,
  status: 'active',
  problem: null,
  runsCreated: 0,
  lastNominalAt: null,
  usesFacts: /'|it finishes|on start/.test(row.condition ?? ''),
  ...row,
  task: (row.task ?? row.name) as TaskName,
})

export const runRow = (
  row: Partial<Omit<Run, 'id' | 'task'>> & { readonly id: number; readonly task?: string },
): Run => ({
  scheduleId: null,
  schedule: null,
  root: null,
  state: 'succeeded',
  reason: null,
  detail: null,
  trigger: row.schedule === undefined || row.schedule === null ? { kind: 'hand', by: 'api' } : { kind: 'schedule' },
  nominalAt: null,
  lastNominalAt: null,
  count: 1,
  createdAt: at('09:00:00'),
  startedAt: at('09:00:00'),
  endedAt: at('09:00:02'),
  attempt: 1,
  attemptsAllowed: 1,
  deaths: 0,
  fence: 1,
  worker: null,
  retryAt: null,
  expiresAt: null,
  cancelRequestedAt: null,
  cancelledBy: null,
  input: null,
  result: null,
  error: null,
  unitsOk: 0,
  unitsFailed: 0,
  memoryMb: null,
  ...usualPlace,
  ...row,
  id: row.id as RunId,
  task: (row.task ?? row.schedule ?? 'news') as TaskName,
})

export const healthRow = (row: Partial<Health> & { readonly subject: Health['subject'] }): Health => ({
  ...unknownHealth(row.subject, at('08:00:00')),
  state: 'healthy',
  lastGoodAt: at('09:15:02'),
  ...row,
})

export const sourceRow = (name: string, row: Partial<Health> = {}, items = 0): SourceStatus => ({
  name,
  items,
  health: healthRow({ subject: { kind: 'source', name }, ...row }),
})

export const workerRow = (row: Partial<WorkerStatus> = {}): WorkerStatus => ({
  worker: 'w1',
  host: 'lab',
  version: '0.1.0',
  startedAt: at('06:00:00'),
  state: 'alive',
  silentSince: null,
  runs: 0,
  drained: null,
  ...row,
})

const nameOf = (task: Target): string => (typeof task === 'string' ? task : task.name)

const MINUTE = 60_000

/** An app that knows this data, and nothing else. */
export const plainApp = (given: Partial<PlainData> = {}): PlainApp => {
  const data: PlainData = {
    now: NOW,
    startedAt: at('06:00:00'),
    problems: [],
    tasks: [],
    schedules: [],
    runs: [],
    attempts: [],
    units: [],
    lines: [],
    sources: [],
    healths: [],
    changes: [],
    items: [],
    notices: [],
    queues: [],
    workers: [workerRow()],
    pauses: [],
    ...given,
  }
  const asked: string[] = []
  const listeners = new Set<(event: AppEvent) => void>()
  const tell = (event: AppEvent): void => {
    for (const listener of listeners) listener(event)
  }
  const unused = (): never => {
    throw new Error('the plain app does not do this')
  }

  const newest = (): readonly Run[] => data.runs.toSorted((a, b) => b.id - a.id)
  const runOf = (id: RunId): Run => {
    const run = data.runs.find(run => run.id === id)
    if (run === undefined) throw new RotaError('RUN_UNKNOWN', `There is no run ${id}.`)
    return run
  }
  const scheduleOf = (name: string): Schedule => {
    const schedule = data.schedules.find(schedule => schedule.name === name)
    if (schedule === undefined) throw new RotaError('SCHEDULE_UNKNOWN', `There is no schedule '${name.slice(0, 100)}'.`)
    return schedule
  }
  const taskOf = (name: string): Task<never, unknown> => {
    const task = data.tasks.find(task => task.name === name)
    if (task === undefined) throw new RotaError('TASK_UNKNOWN', `There is no task '${name.slice(0, 100)}'.`)
    return task
  }
  const added = (run: Run): Run => {
    data.runs.push(run)
    tell({ kind: 'run', run })
    return run
  }
  const explained = (schedule: Schedule, when: Instant): ScheduleExplanation => {
    const rows = newest().filter(run => run.scheduleId === schedule.id)
    const unfinished = rows.filter(
      (run): run is Run & { state: 'queued' | 'running' | 'retrying' } => !isOver(run) && run.state !== 'open',
    )
    const open = rows.flatMap(({ id, state, nominalAt }) =>
      state === 'open' && nominalAt !== null
        ? [{ id, nominalAt, causedBy: null, waitsFor: { kind: 'overlap' } as const }]
        : [],
    )
    const runs = data.runs.filter(({ task }) => tasksOf(schedule).includes(task))
    return explainSchedule({
      subject: { schedule, unfinished, open, known: { facts: { ...noFacts(schedule.since), unused: [] }, dates: {} } },
      now: data.now,
      at: when,
      decision: rows.find(({ nominalAt }) => nominalAt !== null && nominalAt <= when) ?? null,
      rows,
      runs,
      answers: new Map(),
      held: 0,
      unknown: [],
      cycle: null,
    })
  }
  const queued = (row: Partial<Run>): Run =>
    added({
      ...runRow({ id: Math.max(0, ...data.runs.map(run => run.id)) + 1 }),
      state: 'queued',
      createdAt: data.now,
      startedAt: null,
      endedAt: null,
      attempt: 0,
      ...row,
    })
  const changed = (name: string, change: Partial<Schedule>): Schedule => {
    const schedule = { ...scheduleOf(name), ...change }
    data.schedules = data.schedules.map(other => (other.name === name ? schedule : other))
    return schedule
  }

  return {
    data,
    asked,
    tell,
    listeners: () => listeners.size,
    task: unused,
    add: unused,
    schedule: unused,
    predicate: unused,
    changed: unused,
    pause: async ({ queue = null, by, why, for: length }) => {
      asked.push(`pause ${queue ?? 'everything'} by ${by}${why === undefined ? '' : `: ${why}`}`)
      return pauseFrom(data.now, by, why, length)
    },
    resume: async ({ queue = null, by }) => {
      asked.push(`resume ${queue ?? 'everything'} by ${by}`)
      return true
    },
    queues: async () => data.queues,
    workers: async () => data.workers,
    drain: async (worker, by) => void asked.push(`drain ${worker} by ${by}`),
    undrain: async (worker, by) => void asked.push(`undrain ${worker} by ${by}`),
    calendar: unused,
    notify: unused,
    flow: unused,
    flows: { list: () => [], get: () => undefined },
    notices: {
      list: async ({ before, limit }) =>
        data.notices.filter(({ number }) => before === undefined || number < before).slice(0, limit),
      destinations: unused,
      test: unused,
    },
    declared: unused,
    execute: unused,
    start: unused,
    open: unused,
    stop: unused,
    backup: unused,
    restore: unused,
    [Symbol.asyncDispose]: async () => {},
    run: async (task, { input = null, by = '' } = {}) => {
      asked.push(`run ${nameOf(task)} by ${by}`)
      return queued({ task: taskOf(nameOf(task)).name, input, trigger: { kind: 'hand', by } })
    },
    runs: {
      list: async ({ before, limit, states, task, schedule, source }) =>
        newest()
          .filter(run => before === undefined || run.id < before)
          .filter(run => states === undefined || states.includes(run.state))
          .filter(run => task === undefined || run.task === task)
          .filter(run => schedule === undefined || run.schedule === schedule)
          .filter(run => source === undefined || data.units.some(unit => unit.run === run.id && unit.source === source))
          .slice(0, limit),
      get: async id => ({
        run: runOf(id),
        attempts: data.attempts.filter(attempt => attempt.run === id),
        units: data.units.filter(unit => unit.run === id).map(({ run: _run, ...unit }) => unit),
        progress:
          runOf(id).state === 'running' ? { done: 3, total: 10, note: '<b>page 3</b>', at: instant(data.now) } : null,
        waiting: null,
      }),
      logs: async (id, afterSeq, limit) =>
        data.lines
          .filter(line => line.run === id && line.seq > afterSeq)
          .slice(0, limit)
          .map(({ run: _run, ...line }) => line),
      cancel: async (id, by) => {
        asked.push(`cancel ${id} by ${by}`)
        if (isOver(runOf(id)))
          throw new RotaError('RUN_ALREADY_OVER', `Run ${id} is over already: it ${runOf(id).state}.`)
        const run: Run = { ...runOf(id), cancelRequestedAt: data.now, cancelledBy: by }
        data.runs = data.runs.map(other => (other.id === id ? run : other))
        tell({ kind: 'run', run })
        return run
      },
      again: async (id, by) => {
        asked.push(`again ${id} by ${by}`)
        const { task, input } = runOf(id)
        return queued({ task, input, trigger: { kind: 'again', by, of: id } })
      },
      explain: async id => {
        const run = runOf(id)
        const schedule = data.schedules.find(({ name }) => name === run.schedule)
        const wall = wallBeside(schedule?.timezone ?? 'UTC', data.now)
        return {
          run,
          sentences: [wantedBy(run, wall), became(run, wall)],
          schedule: schedule === undefined ? null : explained(schedule, run.nominalAt ?? run.createdAt),
        }
      },
      flow: async id => {
        const root = runOf(id)
        if (root.root === null) throw new RotaError('FLOW_UNKNOWN', `Run ${id} is a step of no flow.`)
        const runs = data.runs.filter(run => isStep(run) && run.root === root.root)
        const steps = runs.map((run, i) => ({ run, from: i, to: i + 1, rule: 'succeeds' as const }))
        return {
          root,
          steps,
          edges: steps.slice(1).map(({ run, rule }, i) => ({ from: runs[i]?.id ?? run.id, to: run.id, rule })),
          next: null,
          counts: steps.map(({ run: { task, state }, ...place }) => ({ task, state, count: 1, ...place })),
        }
      },
      release: unused,
      finished: unused,
    },
    schedules: {
      list: async ({ after, limit, tag }) =>
        data.schedules
          .toSorted((a, b) => (a.name < b.name ? -1 : 1))
          .filter(schedule => after === undefined || schedule.name > after)
          .filter(schedule => tag === undefined || schedule.tags.includes(tag))
          .slice(0, limit),
      get: async name => scheduleOf(name),
      export: unused,
      import: unused,
      create: async (name, options) => {
        asked.push(`create ${name} ${JSON.stringify(options)}`)
        if (data.schedules.some(other => other.name === name)) throw new RotaError('SCHEDULE_EXISTS')
        const task = taskOf(nameOf(options.task)).name
        const id = data.schedules.length + 1
        const schedule = scheduleRow({
          id,
          name,
          task,
          condition: options.when,
          timezone: options.timezone ?? 'UTC',
          input: options.input ?? null,
        })
        data.schedules.push(schedule)
        return schedule
      },
      pause: async (name, by, why, length) => {
        asked.push(`pause ${name} by ${by}${why === undefined ? '' : ` because ${why}`}`)
        const schedule = changed(name, { paused: pauseFrom(data.now, by, why, length) })
        tell({ kind: 'schedule', name, change: 'paused' })
        return schedule
      },
      resume: async (name, by) => {
        asked.push(`resume ${name} by ${by}`)
        const schedule = changed(name, { paused: null })
        tell({ kind: 'schedule', name, change: 'resumed' })
        return schedule
      },
      remove: async (name, by) => {
        asked.push(`remove ${name} by ${by}`)
        const schedule = scheduleOf(name)
        data.schedules = data.schedules.filter(other => other.name !== name)
        return schedule
      },
      strips: async (schedules, limit) =>
        new Map(
          schedules.map(({ id }) => [
            id,
            newest()
              .filter(run => run.scheduleId === id)
              .slice(0, limit)
              .reverse(),
          ]),
        ),
      explain: async (name, when) => explained(scheduleOf(name), when ?? data.now),
      upcoming: (schedule, count) => {
        const { nextAt } = schedule
        if (nextAt === null) return []
        return Array.from({ length: count }, (_, i) => instant(nextAt + i * 5 * MINUTE)).filter(next => next > data.now)
      },
    },
    sources: {
      list: async () => data.sources,
      get: async name => {
        const source = data.sources.find(source => source.name === name)
        if (source === undefined) throw new RotaError('SOURCE_UNKNOWN', `There is no source '${name.slice(0, 100)}'.`)
        return source
      },
      items: async (name, { limit, before }) =>
        data.items
          .filter(item => item.source === name)
          .toSorted((a, b) => b.changedAt - a.changedAt || (a.key < b.key ? 1 : -1))
          .filter(
            item =>
              before === undefined ||
              item.changedAt < before.changedAt ||
              (item.changedAt === before.changedAt && item.key < before.key),
          )
          .slice(0, limit),
      changes: async (name, limit) => data.changes.filter(change => change.subject.name === name).slice(0, limit),
    },
    tasks: { list: () => data.tasks, get: taskOf },
    status: async (): Promise<Status> => ({
      version: '0.1.0',
      now: data.now,
      startedAt: data.startedAt,
      problems: data.problems,
      pauses: data.pauses,
      runs: Object.fromEntries(
        runStates.map(state => [state, data.runs.filter(run => run.state === state).length]),
      ) as Status['runs'],
      nextAt: data.schedules.flatMap(schedule => schedule.nextAt ?? []).sort((a, b) => a - b)[0] ?? null,
      store: {
        kind: 'sqlite',
        place: 'rota.db',
        schema: 1,
        bytes: 4096,
        engine: 'SQLite 3.50',
        backedUpAt: null,
        held: 0,
      },
      worker: 'w1',
      process: { executing: 0, abandoned: 0, loopLagMs: 3, memoryMb: 61 },
      workers: data.workers,
      timezoneData: '2026c',
      node: '24.21.0',
    }),
    events: async () => [],
    healths: async kind => data.healths.filter(health => kind === undefined || health.subject.kind === kind),
    on: listener => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
