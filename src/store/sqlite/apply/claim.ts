/** The change `claim`: waiting runs whose time has come, handed to one worker. */

import type { Instant } from '../../../base/instant.ts'
import { step } from '../../../domain/run-machine.ts'
import type { Run, WorkerId } from '../../../domain/run.ts'
import type { Changes } from '../../store.ts'
import type { Tables } from '../tables.ts'
import type { ReadyRun } from '../tables/waiting.ts'

type Claim = Changes['claim']['change']

export const applyClaim = (tables: Tables, change: Claim): readonly Run[] => {
  const ready = change.only === null ? oldestReady(tables, change) : named(tables, change)
  const claimed: Run[] = []
  for (const candidate of ready) {
    if (claimed.length >= change.limit) break
    const run = claim(tables, candidate, change.at, change.worker)
    if (run !== null) claimed.push(run)
  }
  return claimed
}

const oldestReady = (tables: Tables, { tasks, at, limit }: Claim): readonly ReadyRun[] => {
  const wanted = new Set(tasks.map(task => tables.names.find(task)))
  const ready = tables.waiting
    .tasks()
    .filter(task => wanted.has(task))
    .flatMap(task => tables.waiting.ofTask(task, at, limit))
  return ready.sort((a, b) => a.readyAt - b.readyAt || a.id - b.id)
}

const named = (tables: Tables, { only, tasks, at }: Claim): readonly ReadyRun[] => {
  const run = only === null ? undefined : tables.runs.get(only)
  const ready = run !== undefined && tasks.includes(run.task) ? tables.waiting.only(run.id, at) : null
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
