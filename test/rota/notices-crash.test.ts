/** A real process, killed between the sending of a notice and its record. */

import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { systemClock } from '../../src/base/clock.ts'
import { instant } from '../../src/base/instant.ts'
import { rota } from '../../src/rota.ts'
import { webhook } from '../../src/scheduler/destinations/webhook.ts'
import { Child } from '../store/child.ts'
import { temporaryFolder } from '../store/folder.ts'

test('a notice whose sender was killed comes again, with the same id and the same words', async () => {
  using folder = temporaryFolder()
  const store = join(folder.path, 'rota.db')
  const got: { readonly id: unknown; readonly body: string }[] = []
  const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const receiver = createServer((request, response) => {
    void text(request).then(body => {
      got.push({ id: request.headers['rota-id'], body })
      // The first one is never answered.
      if (got.length === 1) return first.resolve()
      response.writeHead(204).end()
      second.resolve()
    })
  })
  await new Promise<void>(resolve => receiver.listen(0, '127.0.0.1', resolve))
  const address = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`
  {
    await using child = new Child('telling-program.ts', [store, address])
    await first.promise
    await child.kill()
  }
  // Two minutes later nobody believes any more that the dead one is sending.
  const machine = systemClock()
  await using app = rota({ store, clock: { ...machine, now: () => instant(machine.now() + 121_000) } })
  app.task('work', () => null)
  app.notify({ to: webhook(address, { secret: 'a secret of this test', name: 'ops' }), on: ['failed'] })
  await app.start()
  await second.promise
  assert.equal(got.length, 2)
  assert.deepEqual(got[0], got[1])
  await app.stop()
  receiver.closeAllConnections()
  await new Promise(resolve => receiver.close(resolve))
})
