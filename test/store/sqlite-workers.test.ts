/** How it is known at once that a worker of another process died, and never believed of one that lives. */

import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { watch } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { duration } from '../../src/base/duration.ts'
import { rota } from '../../src/index.ts'
import type { App } from '../../src/index.ts'
import { openSqliteStore } from '../../src/store/sqlite/store.ts'
import { Child } from './child.ts'
import { temporaryFolder } from './folder.ts'
import { after, Given, start } from './given.ts'

const opened = async () => {
  const folder = temporaryFolder()
  const path = join(folder.path, 'rota.db')
  const open = async (): Promise<Given> => {
    const store = await openSqliteStore({ path })
    return new Given({ store, another: null, [Symbol.asyncDispose]: () => store.close() })
  }
  const here = await open()
  return {
    here,
    path,
    open,
    locks: () => (existsSync(`${path}-workers`) ? readdirSync(`${path}-workers`).toSorted() : []),
    dead: async (given = here) => (await given.store.deadWorkers()).map(row => row.worker),
    async [Symbol.asyncDispose]() {
      await here[Symbol.asyncDispose]()
      folder[Symbol.dispose]()
    },
  }
}

const hello = (given: Given, worker: string) =>
  given.one({ kind: 'joinWorker', worker, host: 'h', version: '1', startedAt: start })

const readOr = (file: string, otherwise: string): string => (existsSync(file) ? readFileSync(file, 'utf8') : otherwise)

const cell = new Int32Array(new SharedArrayBuffer(4))

/** Nothing else happens in this thread meanwhile. */
const blockFor = (ms: number): void => void Atomics.wait(cell, 0, 0, ms)

const blockUntil = (isSo: () => boolean): void => {
  while (!isSo()) blockFor(20)
}

test('a worker is dead as soon as its process is, and not before', async () => {
  await using place = await opened()
  await using child = new Child('worker-program.ts', [place.path, 'w1', 'forget'])
  await child.line()
  // However often it is asked: asking must not disturb the living.
  for (let i = 0; i < 5; i++) assert.deepEqual(await place.dead(), [])
  await child.kill()
  assert.deepEqual(await place.dead(), ['w1'])
  assert.deepEqual(await place.dead(), ['w1'])
})

test('the lock of a dead worker goes with its rescue', async () => {
  await using place = await opened()
  await using child = new Child('worker-program.ts', [place.path, 'w1'])
  await child.line()
  await child.kill()
  await place.dead()
  assert.deepEqual(place.locks(), ['w1.lock'])
  await place.here.one({ kind: 'rescue', worker: 'w1', at: after(9) })
  assert.deepEqual(place.locks(), [])
  assert.deepEqual(await place.here.store.workers(), [])
})

test('a living worker of this process is dead to none of its stores', async () => {
  await using place = await opened()
  await using other = await place.open()
  await using _life = await place.here.store.keepAlive('w1')
  await hello(place.here, 'w1')
  assert.deepEqual([await place.dead(), await place.dead(other)], [[], []])
  // Asking from this process, which may not let the lock go, leaves it to be seen by others.
  await using stranger = new Child('looking-program.ts', [place.path])
  assert.equal(await stranger.line(), '[]')
})

test('a worker that lets go is dead until it says goodbye', async () => {
  await using place = await opened()
  await using other = await place.open()
  const life = await place.here.store.keepAlive('w1')
  await hello(place.here, 'w1')
  await life[Symbol.asyncDispose]()
  await life[Symbol.asyncDispose]()
  assert.deepEqual(place.locks(), [])
  assert.deepEqual(await place.dead(other), ['w1'])
  await other.one({ kind: 'leaveWorker', worker: 'w1' })
  assert.deepEqual(await place.dead(other), [])
})

test('a worker whose lock was deleted counts as dead', async () => {
  await using place = await opened()
  await hello(place.here, 'never alive')
  assert.deepEqual(await place.dead(), ['never alive'])
})

test('a rescue takes no lock from a worker that lives', async () => {
  await using place = await opened()
  await using child = new Child('worker-program.ts', [place.path, 'w1'])
  await child.line()
  await place.here.one({ kind: 'rescue', worker: 'w1', at: after(9) })
  assert.deepEqual(place.locks(), ['w1.lock'])
  await hello(place.here, 'w1')
  assert.deepEqual(await place.dead(), [])
})

test('an identity may be any text', async () => {
  await using place = await opened()
  const odd = '../../etc/passwd ..%2F:ä\u0000'
  await using _life = await place.here.store.keepAlive(odd)
  await hello(place.here, odd)
  await using other = await place.open()
  assert.deepEqual(await place.dead(other), [])
  assert.equal(place.locks().length, 1)
  rmSync(`${place.path}-workers`, { recursive: true })
})

test('a worker whose lock cannot be read is not certainly dead', async () => {
  await using place = await opened()
  await hello(place.here, 'w1')
  mkdirSync(join(`${place.path}-workers`, 'w1.lock'), { recursive: true })
  assert.deepEqual(await place.dead(), [])
  await place.here.one({ kind: 'rescue', worker: 'w1', at: after(9) })
})

test('a worker counts also while its loop is blocked, and for no longer than was said', async () => {
  await using place = await opened()
  await using life = await place.here.store.keepAlive('w1')
  const count = (): number => Number(/\d+/.exec(readOr(`${place.path}-workers/w1.beat`, '0'))?.[0])
  await life.beat(duration(60_000))
  blockUntil(() => count() > 1)
  await life.beat(duration(1_000))
  const before = count()
  blockFor(3_000)
  // A beat each 250 ms, and one that was on its way.
  assert.ok(count() - before <= 5, `${count() - before} beats`)
  await life.beat(duration(60_000))
  const paused = count()
  blockUntil(() => count() > paused)
})

test('how far a worker has counted can be read by all', async () => {
  await using place = await opened()
  await using other = await place.open()
  const beats = async () => (await other.store.beats(['w1'])).get('w1')
  const life = await place.here.store.keepAlive('w1')
  await hello(place.here, 'w1')
  assert.deepEqual(await beats(), { count: 0, at: null })
  await life.beat(duration(60_000))
  assert.ok(((await beats())?.count ?? 0) > 0)
  // Reading takes nothing from its lock.
  assert.deepEqual(await place.dead(other), [])
  await life[Symbol.asyncDispose]()
  await life.beat(duration(60_000))
  assert.deepEqual(place.locks(), [])
  assert.deepEqual(await beats(), { count: 0, at: null })
})

test('an app alone does not count; when another joins, both do', async () => {
  await using place = await opened()
  const started = async (): Promise<App> => {
    const app = rota({ store: place.path, lookEvery: '10 ms' })
    await app.start()
    return app
  }
  await using one = await started()
  const worker = (await one.status()).worker
  assert.deepEqual(place.locks(), [`${worker}.lock`])
  const seen = new Set<string>()
  await using two = await started()
  for await (const { filename } of watch(`${place.path}-workers`)) {
    if (filename?.endsWith('.beat')) seen.add(filename)
    if (seen.size === 2) break
  }
  assert.deepEqual(
    (await two.workers()).map(({ state }) => state),
    ['alive', 'alive'],
  )
  await two.stop()
  await one.stop()
  assert.deepEqual(place.locks(), [])
})

test('in memory nobody else exists, and nobody is dead', async () => {
  const store = await openSqliteStore({ path: ':memory:' })
  await using here = new Given({ store, another: null, [Symbol.asyncDispose]: () => store.close() })
  await hello(here, 'w1')
  await using _life = await store.keepAlive('w2')
  assert.deepEqual(await store.deadWorkers(), [])
})
