/**
 * A Rota with one schedule, over a file. Says each run that is over, as JSON; with a length, it stops itself when all that is
 * due at its start is over.
 *
 *   node clock-program.ts <file of the store> <when> <stop | go on>
 */

import { writeSync } from 'node:fs'
import { rota } from '../../src/index.ts'

const [path = '', when = '', until = ''] = process.argv.slice(2)

const app = rota({ store: path })
app.task('tick', () => null)
app.schedule('tick', { task: 'tick', when, anchor: '2026-01-01T00:00:00Z' })
app.on(event => {
  if (event.kind !== 'run' || event.run.state !== 'succeeded') return
  writeSync(1, `${JSON.stringify({ run: event.run.id, nominalAt: event.run.nominalAt })}\n`)
})
await app.start()
if (until === 'stop') await app.stop()
