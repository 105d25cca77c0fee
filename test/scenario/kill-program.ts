/**
 * The program that the kill test kills: a real Rota over a real file. It says on standard output what happens, one JSON line
 * each, and keeps a ledger of every handler that began, written before anything else is done.
 *
 *   node kill-program.ts <file of the store> <file of the ledger>
 */

import { appendFileSync, writeSync } from 'node:fs'
import { flushCompileCache } from 'node:module'
import { setTimeout as wait } from 'node:timers/promises'
import { rota } from '../../src/index.ts'
import type { Context } from '../../src/index.ts'
import { LONG, SHORT } from './kill-program-words.ts'
import type { Said } from './kill-program-words.ts'

const [file = '', ledger = ''] = process.argv.slice(2)

// Synchronous, so that what was said was said, whenever the process dies.
const say = (said: Said): void => void writeSync(1, `${JSON.stringify(said)}\n`)

const begin = ({ run, attempt, nominalAt }: Context): void => {
  appendFileSync(ledger, `${JSON.stringify({ run, attempt, nominalAt })}\n`)
}

const app = rota({ store: file })

// Its first attempt goes on for ever, so that it is always killed in the middle of one; the second ends at once.
const long = app.task(
  LONG,
  async context => {
    begin(context)
    say({ kind: 'running', run: context.run, attempt: context.attempt })
    if (context.attempt === 1) await wait(3_600_000, undefined, { signal: context.signal })
    return { run: context.run }
  },
  { retry: { attempts: 5 } },
)
// Has one attempt only: it may be lost, but never starts twice.
const short = app.task(SHORT, context => {
  begin(context)
  return { run: context.run }
})
app.schedule(LONG, { task: long, when: 'every 50 ms' })
app.schedule(SHORT, { task: short, when: 'every 10 ms' })

say({ kind: 'starting', born: performance.timeOrigin, at: Date.now() })
await app.start()
// Node writes its cache of compiled sources when a process ends, and this one never ends by itself.
flushCompileCache()
