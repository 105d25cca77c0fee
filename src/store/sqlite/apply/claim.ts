/** The change `claim`: waiting runs whose time has come and that no limit keeps from starting, handed to one worker. */

import type { Instant } from '../../../base/instant.ts'
import { isGated, noLimits, orderOf } from '../../../domain/limits.ts'
import { step } from '../../../domain/run-machine.ts'
import type { Run, WorkerId } from '../../../domain/run.ts'
import type { Changes, Claimed } from '../../store.ts'
import { Gates } from '../gates.ts'
import type { Tables } from '../tables.ts'
import type { Lane } from '../tables/lanes.ts'
import type { ReadyRun } from '../tables/waiting.ts'

type Claim = Changes['claim']['change']

// Of a lane whose runs have keys so many rows are read at first beyond those wanted: few keys have nothing to spare, mostly.
const READ_PAST = 200

export const applyClaim = (tables: Tables, change: Claim): Claimed => {
  const { at, limit, worker, limits = noLimits } = change
  const gates = new Gates(tables, limits, at)
  const runs: Run[] = []
  let hasDropped = false
  for (const candidate of change.only === null ? inOrder(tables, gates, change) : named(tables, change)) {
    if (runs.length >= limit) break
    if (!gates.admits(candidate)) continue
    const run = claim(tables, candidate, at, worker)
    if (run === null) hasDropped = true
    else {
      gates.enter(candidate)
      runs.push(run)
    }
  }
  // What was dropped made room for what was not looked at.
  return { runs, blocked: gates.hasRefused, againAt: hasDropped ? at : gates.opensAt }
}

const inOrder = (tables: Tables, gates: Gates, change: Claim): readonly ReadyRun[] => {
  const wanted = new Set(change.tasks)
  const ready = tables.waiting.lanes().flatMap(id => {
    const lane = tables.lanes.get(id)
    return lane !== undefined && wanted.has(lane.task) ? firstOf(tables, gates, lane, change) : []
  })
  return ready.sort((a, b) => placeInLine(a) - placeInLine(b) || a.id - b.id)
}

const placeInLine = ({ readyAt, lane }: ReadyRun): number => orderOf(readyAt, lane.priority)

/** Of one lane as many as could start if no other lane took their place. */
const firstOf = (
  tables: Tables,
  gates: Gates,
  lane: Lane,
  { at, limit, limits = noLimits }: Claim,
): readonly ReadyRun[] => {
  const room = Math.min(limit, gates.room(lane))
  const first =
    lane.keyed && isGated(limits, lane.task, lane.queue)
      ? firstByKey(tables, gates, lane, at, room)
      : tables.waiting.ofLane(lane, at, room)
  // There may be more.
  if (room < limit && first.length === room) gates.refuse()
  return first
}

const firstByKey = (tables: Tables, gates: Gates, lane: Lane, at: Instant, room: number): readonly ReadyRun[] => {
  if (room === 0) return []
  const window = tables.waiting.ofLane(lane, at, room + READ_PAST)
  const found = fitting(gates, lane, window)
  if (found.length >= room || window.length < room + READ_PAST) return found.slice(0, room)
  // What stands first may not start: of each key that may, the first rows are read, and none of the others.
  const rest = [...tables.waiting.keysOf(lane)].flatMap(([key]) => {
    const ofKey = Math.min(room, gates.roomOfKey(lane, key))
    return ofKey > 0 ? tables.waiting.ofKey(lane, key, at, ofKey) : []
  })
  return rest.sort((a, b) => a.readyAt - b.readyAt || a.id - b.id).slice(0, room)
}

const fitting = (gates: Gates, lane: Lane, ready: readonly ReadyRun[]): readonly ReadyRun[] => {
  const left = new Map<string, number>()
  return ready.filter(({ key }) => {
    if (key === null) return true
    const ofKey = left.get(key) ?? gates.roomOfKey(lane, key)
    left.set(key, ofKey - 1)
    if (ofKey <= 0) gates.refuse()
    return ofKey > 0
  })
}

const named = (tables: Tables, { only, tasks, at }: Claim): readonly ReadyRun[] => {
  const run = only === null ? undefined : tables.runs.get(only)
  if (run === undefined || !tasks.includes(run.task)) return []
  const lane = tables.lanes.get(tables.lanes.number(run.task, run))
  const ready = lane === undefined ? null : tables.waiting.only(run.id, lane, at)
  return ready === null ? [] : [ready]
}

const claim = (tables: Tables, ready: ReadyRun, at: Instant, worker: WorkerId): Run | null => {
  const before = tables.runs.get(ready.id)
  if (before === undefined) return null
  const { run, refused } = step(before, { kind: 'claim', at, worker })
  if (refused === 'expired') return expire(tables, run, at)
  if (refused !== undefined) return null
  if (!ready.readable) return failUnreadable(tables, run, at)
  tables.runs.save(run, { attemptStartedAt: at })
  return run
}

const expire = (tables: Tables, run: Run, at: Instant): null => {
  const detail = 'it had to be started sooner'
  tables.runs.save(step(run, { kind: 'skip', at, reason: 'expired', detail }).run)
  // What waits behind it is looked at now, as at any other end.
  if (run.scheduleId !== null) tables.news.tellOwnEnd(run.scheduleId)
  return null
}

// What it should work on is lost: the row was changed from outside. Executing it with something else would be worse.
const failUnreadable = (tables: Tables, run: Run, at: Instant): null => {
  const error = { name: 'Unreadable', message: 'the stored input cannot be read: the row was changed from outside' }
  const outcome = { kind: 'failed', reason: 'input', error, retryAt: null, free: false } as const
  const failed = step(run, { kind: 'finish', at, fence: run.fence, outcome }).run
  tables.runs.save(failed)
  if (run.worker === null) return null
  tables.attempts.insert({
    run: run.id,
    attempt: run.attempt,
    worker: run.worker,
    startedAt: at,
    endedAt: at,
    outcome: 'failed',
    reason: 'input',
    error,
  })
  return null
}
