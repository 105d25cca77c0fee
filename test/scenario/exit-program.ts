/**
 * A real Rota over a real file, whose handler ends the process that it is in, while others work in processes of their own.
 * It says their numbers first. Arguments: the file of the store, and how it ends.
 */

import { once } from 'node:events'
import { childProcess, command, rota } from '../../src/index.ts'
import type { Context } from '../../src/index.ts'

/** In a child process: says its number, and waits. */
export const waits = async ({ log, signal }: Context): Promise<void> => {
  log.info('waits', { pid: process.pid })
  const held = setInterval(() => {}, 1_000)
  await once(signal, 'abort')
  clearInterval(held)
}

const main = async (store: string, end: string): Promise<void> => {
  const app = rota({ store })
  app.task('exits', () => {
    if (end === 'kill') process.kill(process.pid, 'SIGKILL')
    else process.exit(7)
  })
  app.task('child', childProcess({ module: import.meta.url, export: 'waits' }))
  app.task(
    'command',
    command({ argv: [process.execPath, '-e', 'console.log(process.pid); setInterval(() => {}, 1000)'] }),
  )
  const bothSaid = Promise.withResolvers<void>()
  const pids = { child: 0, command: 0 }
  app.on(event => {
    if (event.kind !== 'log') return
    for (const { message, fields } of event.lines) {
      if (message === 'waits') pids.child = Number((fields as Record<string, unknown>)['pid'])
      else pids.command = Number(message)
    }
    if (pids.child > 0 && pids.command > 0) bothSaid.resolve()
  })
  await app.start()
  await app.run('child')
  await app.run('command')
  await bothSaid.promise
  console.log(JSON.stringify(pids))
  await app.run('exits')
}

const [, program, store, end] = process.argv
if (program === import.meta.filename && store !== undefined) await main(store, end ?? '')
