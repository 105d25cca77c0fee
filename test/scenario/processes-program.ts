/**
 * One of several Rotas over one file, to be killed and stopped. Each thing that happens to it is a JSON line: in a file of its
 * own, outside of Rota, and then on standard output.
 *
 *   node processes-program.ts <file of the store> <its own file> ticking|idle
 */

import { appendFileSync, writeSync } from 'node:fs'
import { flushCompileCache } from 'node:module'
import { setTimeout as wait } from 'node:timers/promises'
import { rota } from '../../src/index.ts'
import type { AppEvent } from '../../src/index.ts'
import { isOver } from '../../src/domain/run.ts'
import { BLOCKED, BLOCKED_MS, LEASE_MS, LONG, PERIOD_MS, TICK } from './processes-words.ts'
import type { Said } from './processes-words.ts'

const [file = '', own = '', how = ''] = process.argv.slice(2)
const LONGEST_TICK_MS = 250

// Synchronous, so that what was said was said, whenever the process dies or stops.
const say = (said: Said): void => {
  const line = `${JSON.stringify(said)}\n`
  appendFileSync(own, line)
  writeSync(1, line)
}

const told = (event: AppEvent): void => {
  if (event.kind === 'run' && isOver(event.run) && event.run.state !== 'skipped')
    say({ kind: 'over', run: event.run.id, state: event.run.state })
  if (event.kind === 'trouble' && event.problems.length > 0) say({ kind: 'trouble' })
  if (event.kind !== 'notice') return
  if (event.message.startsWith('a worker stands still')) say({ kind: 'lost', worker: String(event.fields['worker']) })
  if (event.message.startsWith('this worker was taken for dead')) say({ kind: 'rejoined' })
}

const app = rota({ store: file, lease: LEASE_MS, lookEvery: '100 ms' })

// So many attempts that only a third death in a row ends it without a result.
const retry = { attempts: 20, first: '100 ms', longest: '200 ms' }
const tick = app.task(
  TICK,
  async ({ run, attempt, signal }) => {
    say({ kind: 'began', run, attempt })
    await wait(Math.random() * LONGEST_TICK_MS, undefined, { signal })
    say({ kind: 'ended', run, attempt })
    return { attempt, pid: process.pid }
  },
  { retry },
)
app.task(
  LONG,
  async ({ run, attempt, signal }) => {
    say({ kind: 'began', run, attempt })
    if (attempt > 1) return { attempt, pid: process.pid }
    await new Promise(resolve => signal.addEventListener('abort', resolve))
    say({ kind: 'aborted', run, attempt, why: (signal.reason as Error).message })
    throw signal.reason
  },
  { retry },
)
app.task(BLOCKED, () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, BLOCKED_MS), { retry })
if (how === 'ticking') app.schedule(TICK, { task: tick, when: `every ${PERIOD_MS} ms`, overlap: { allow: 50 } })

app.on(told)
await app.start()
say({ kind: 'started', worker: (await app.status()).worker ?? '' })
// Node writes its cache of compiled sources when a process ends, and this one never ends by itself.
flushCompileCache()
