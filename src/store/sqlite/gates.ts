/**
 * What lets a waiting run start beside those that run. Counted when it is asked for, inside the transaction of a claim, so
 * that no other process can start anything in between; what the claim itself starts is counted with it.
 */

import { instant } from '../../base/instant.ts'
import type { Instant } from '../../base/instant.ts'
import type { RunId, TaskName } from '../../base/name.ts'
import { spacing } from '../../domain/limits.ts'
import type { Gate, Limits, Rate, TaskLimits } from '../../domain/limits.ts'
import type { Run } from '../../domain/run.ts'
import { isPauseOver } from '../../domain/schedule.ts'
import type { QueueCount } from '../store.ts'
import type { Tables } from './tables.ts'
import type { Lane } from './tables/lanes.ts'
import type { ReadyRun } from './tables/waiting.ts'

/** What a rate without a key counts by. */
const WHOLE_TASK = ''

export class Gates {
  readonly #tables: Tables
  readonly #limits: Limits
  readonly #at: Instant
  /** How many more may start, by gate: of all, of a queue, a task, a key of a task, a rate. */
  readonly #room = new Map<string, number>()
  #opensAt: Instant | null = null
  #hasRefused = false

  constructor(tables: Tables, limits: Limits, at: Instant) {
    this.#tables = tables
    this.#limits = limits
    this.#at = at
  }

  /** Whether something that waits was, or may have been, kept from starting. */
  get hasRefused(): boolean {
    return this.#hasRefused
  }

  /** When a rate, or the end of a pause, lets the next of what was kept from starting start: the soonest. */
  get opensAt(): Instant | null {
    return this.#hasRefused ? this.#opensAt : null
  }

  /** How many more runs of a lane may start, their keys aside. */
  room(lane: Lane): number {
    const { task, queue } = lane
    if (this.#isPaused(queue)) return 0
    const { total, queues } = this.#limits
    const limits = this.#of(task)
    const ofQueue = queues.get(queue)
    return Math.min(
      total === null ? Infinity : this.#left('all', () => total - this.#count(() => true)),
      ofQueue === undefined
        ? Infinity
        : this.#left(`queue ${queue}`, () => ofQueue - this.#count(one => one.queue === queue)),
      limits === undefined ? Infinity : this.#roomOfTask(task, limits),
    )
  }

  /** How many more runs of one key of a lane may start, the rest aside. */
  roomOfKey({ task }: Lane, key: string): number {
    const limits = this.#of(task)
    if (limits === undefined || limits.key === null) return Infinity
    const { perKey, rate } = limits
    return Math.min(
      perKey === null
        ? Infinity
        : this.#left(`key ${task} ${key}`, () => perKey - this.#tables.running.countOfKey(task, key)),
      rate === null ? Infinity : this.#roomOfRate(task, key, rate),
    )
  }

  /** Whether this one may start. */
  admits({ lane, key }: ReadyRun): boolean {
    const admitted = this.room(lane) > 0 && (key === null || this.roomOfKey(lane, key) > 0)
    if (!admitted) this.refuse()
    return admitted
  }

  /** Notes that something waits that may not start. */
  refuse(): void {
    this.#hasRefused = true
  }

  /** Counts one that starts. */
  enter({ lane: { task, queue }, key }: ReadyRun): void {
    this.#take('all')
    this.#take(`queue ${queue}`)
    const limits = this.#of(task)
    if (limits === undefined) return
    this.#take(`task ${task}`)
    if (key !== null) this.#take(`key ${task} ${key}`)
    const counted = limits.key === null ? WHOLE_TASK : key
    if (limits.rate !== null && counted !== null) this.#moveRate(task, counted, limits.rate)
  }

  #isPaused(queue: string): boolean {
    const pauses = this.#tables.pauses.stopping(queue, this.#at)
    // All of them have to be over.
    const over = Math.max(...pauses.map(({ until }) => until ?? Infinity))
    if (Number.isFinite(over)) this.#noteOpening(instant(over))
    return pauses.length > 0
  }

  #of(task: TaskName): TaskLimits | undefined {
    return this.#limits.tasks.get(task)
  }

  #roomOfTask(task: TaskName, { concurrency, rate, key }: TaskLimits): number {
    return Math.min(
      concurrency === null
        ? Infinity
        : this.#left(`task ${task}`, () => concurrency - this.#count(one => one.task === task)),
      rate === null || key !== null ? Infinity : this.#roomOfRate(task, WHOLE_TASK, rate),
    )
  }

  #roomOfRate(task: TaskName, key: string, rate: Rate): number {
    return this.#left(`rate ${task} ${key}`, () => {
      const opensAt = this.#rateOpensAt(task, key, rate)
      if (opensAt <= this.#at) return 1
      this.#noteOpening(opensAt)
      return 0
    })
  }

  // Further ahead than one start moves it lies only after the clock was set back, or the rate raised: it is pulled in.
  #rateOpensAt(task: TaskName, key: string, rate: Rate): Instant {
    const stored = this.#tables.rates.opensAt(task, key) ?? this.#at
    const furthest = instant(this.#at + spacing(rate))
    if (stored <= furthest) return stored
    this.#tables.rates.put(task, key, furthest)
    return furthest
  }

  #moveRate(task: TaskName, key: string, rate: Rate): void {
    const opensAt = instant(this.#at + spacing(rate))
    this.#tables.rates.put(task, key, opensAt)
    this.#room.set(`rate ${task} ${key}`, 0)
    this.#noteOpening(opensAt)
  }

  #noteOpening(at: Instant): void {
    if (this.#opensAt === null || at < this.#opensAt) this.#opensAt = at
  }

  #count(isCounted: (lane: Lane) => boolean): number {
    let count = 0
    for (const lane of this.#tables.lanes.all()) if (isCounted(lane)) count += this.#tables.running.count(lane)
    return count
  }

  #left(gate: string, count: () => number): number {
    const known = this.#room.get(gate)
    if (known !== undefined) return known
    const left = Math.max(0, count())
    this.#room.set(gate, left)
    return left
  }

  #take(gate: string): void {
    const left = this.#room.get(gate)
    if (left !== undefined) this.#room.set(gate, left - 1)
  }
}

/** Every queue there ever was, by name. */
export const queuesOf = ({ lanes, running, waiting }: Tables): readonly QueueCount[] => {
  const counts = new Map<string, { running: number; waiting: number }>()
  for (const lane of lanes.all()) {
    const known = counts.get(lane.queue) ?? { running: 0, waiting: 0 }
    counts.set(lane.queue, {
      running: known.running + running.count(lane),
      waiting: known.waiting + waiting.count(lane),
    })
  }
  return [...counts].map(([name, count]) => ({ name, ...count })).sort((a, b) => (a.name < b.name ? -1 : 1))
}

const MOST_NAMED = 5

/** What keeps a queued or due retrying run from being claimed now; the first says the most. Changes nothing. */
export const gatesOf = (tables: Tables, run: Run, limits: Limits, at: Instant): readonly Gate[] => {
  if (run.state !== 'queued' && run.state !== 'retrying') return []
  const readyAt = tables.waiting.readyAt(run.id)
  if (readyAt === null) return [{ kind: 'held' }]
  if (readyAt > at) return []
  return [...pausesOf(tables, run, at), ...fullOf(tables, run, limits), ...rateOf(tables, run, limits, at)]
}

const pausesOf = (tables: Tables, { queue, schedule, scheduleId }: Run, at: Instant): readonly Gate[] => {
  const paused = tables.pauses.list().filter(({ pause }) => !isPauseOver(pause, at))
  const everything = paused.find(one => one.queue === null)
  const ofQueue = paused.find(one => one.queue === queue)
  const known = schedule === null ? null : tables.schedules.named(schedule)
  // What is left of one that was removed goes on.
  const ofSchedule = known?.id === scheduleId ? known?.paused : null
  const gates: Gate[] = []
  if (everything !== undefined) gates.push({ kind: 'paused', what: 'everything', name: '', pause: everything.pause })
  if (ofQueue !== undefined) gates.push({ kind: 'paused', what: 'queue', name: queue, pause: ofQueue.pause })
  if (ofSchedule && schedule !== null)
    gates.push({ kind: 'paused', what: 'schedule', name: schedule, pause: ofSchedule })
  return gates
}

const fullOf = (tables: Tables, { task, queue, key }: Run, limits: Limits): readonly Gate[] => {
  const gates: Gate[] = []
  const add = (
    what: (Gate & { kind: 'full' })['what'],
    name: string,
    limit: number | null | undefined,
    of: Counted,
  ) => {
    if (limit === null || limit === undefined) return
    const count = of.count()
    if (count >= limit) gates.push({ kind: 'full', what, name, limit, count, running: of.ids() })
  }
  const ofTask = limits.tasks.get(task)
  if (key !== null) add('key', key, ofTask?.perKey, ofKey(tables, task, key))
  add(
    'task',
    task,
    ofTask?.concurrency,
    ofLanes(tables, lane => lane.task === task),
  )
  add(
    'queue',
    queue,
    limits.queues.get(queue),
    ofLanes(tables, lane => lane.queue === queue),
  )
  add(
    'everything',
    '',
    limits.total,
    ofLanes(tables, () => true),
  )
  return gates
}

interface Counted {
  readonly count: () => number
  readonly ids: () => readonly RunId[]
}

const ofKey = ({ running }: Tables, task: TaskName, key: string): Counted => ({
  count: () => running.countOfKey(task, key),
  ids: () => running.idsOfKey(task, key, MOST_NAMED),
})

const ofLanes = ({ lanes, running }: Tables, isCounted: (lane: Lane) => boolean): Counted => {
  const counted = [...lanes.all()].filter(isCounted)
  return {
    count: () => counted.reduce((sum, lane) => sum + running.count(lane), 0),
    ids: () =>
      counted
        .flatMap(lane => running.ids(lane, MOST_NAMED))
        .sort((a, b) => a - b)
        .slice(0, MOST_NAMED),
  }
}

const rateOf = (tables: Tables, { task, key }: Run, limits: Limits, at: Instant): readonly Gate[] => {
  const { rate = null, key: keyOf = null } = limits.tasks.get(task) ?? {}
  const counted = keyOf === null ? WHOLE_TASK : key
  if (rate === null || counted === null) return []
  const opensAt = tables.rates.opensAt(task, counted)
  if (opensAt === null || opensAt <= at) return []
  return [{ kind: 'rate', name: counted === WHOLE_TASK ? task : counted, rate, opensAt }]
}
