/** A worker that is drained takes nothing new, and ends what it began: two apps over one file, on one virtual clock. */

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { isRotaError } from '../../src/base/errors.ts'
import { instant } from '../../src/base/instant.ts'
import type { RunId } from '../../src/base/name.ts'
import { rota } from '../../src/rota.ts'
import type { App } from '../../src/app.ts'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'

class Two implements AsyncDisposable {
  readonly clock = new VirtualClock('2026-01-05T10:00:00Z')
  readonly #folder = mkdtempSync(join(tmpdir(), 'rota-drain-'))
  readonly first = this.#app()
  readonly second = this.#app()

  static async started(): Promise<Two> {
    const two = new Two()
    for (const app of [two.first, two.second]) await two.clock.during(app.start())
    return two
  }

  #app(): App {
    // Beats are real, and minutes here take none: nobody is to be taken for lost.
    const app = rota({ store: join(this.#folder, 'rota.db'), clock: this.clock, lease: '1 day' })
    app.task('slow', ({ clock, signal }) => clock.sleepUntil(instant(clock.now() + 600_000), signal))
    app.task('quick', () => 'done')
    return app
  }

  async worker(app: App): Promise<string> {
    return (await app.status()).worker ?? assert.fail('it works')
  }

  /** Who executed it. */
  async workerOf(id: RunId): Promise<string | undefined> {
    return (await this.first.runs.get(id)).attempts[0]?.worker
  }

  async stop(app: App): Promise<void> {
    const stopped = app.stop({ grace: 0 })
    await this.clock.advance('1 minute')
    await stopped
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const app of [this.first, this.second]) await this.stop(app)
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

test('what a drained worker began goes on there, what is new starts elsewhere', async () => {
  await using two = await Two.started()
  const { clock, first, second } = two
  const [one, other] = [await two.worker(first), await two.worker(second)]
  const began = await clock.during(first.run('slow'))
  await clock.during(second.drain(one, 'ada'))
  await clock.advance('1 s')
  const [drained] = (await first.workers()).filter(({ worker }) => worker === one)
  assert.deepEqual([drained?.runs, drained?.drained?.by], [1, 'ada'])
  const after = await clock.during(first.run('quick'))
  await clock.advance('1 s')
  assert.equal(await two.workerOf(after.id), other)
  await clock.advance('10 minutes')
  assert.equal((await first.runs.get(began.id)).run.state, 'succeeded')
  assert.equal(await two.workerOf(began.id), one)
})

test('it takes again what waited once it is undrained', async () => {
  await using two = await Two.started()
  const { clock, first, second } = two
  const one = await two.worker(first)
  await clock.during(first.drain(one, 'ada'))
  await two.stop(second)
  const { id } = await clock.during(first.run('quick'))
  await clock.advance('10 s')
  assert.equal((await first.runs.get(id)).run.state, 'queued')
  await clock.during(first.undrain(one, 'ada'))
  await clock.settle()
  assert.equal((await first.runs.get(id)).run.state, 'succeeded')
})

test('one that nobody knows is refused', async () => {
  await using two = await Two.started()
  await assert.rejects(
    async () => two.clock.during(two.first.drain('nobody', 'ada')),
    error => isRotaError(error, 'WORKER_UNKNOWN'),
  )
})
