/** How it is known at once that a worker of another process died, and never believed of one that lives. */

import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
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

test('in memory nobody else exists, and nobody is dead', async () => {
  const store = await openSqliteStore({ path: ':memory:' })
  await using here = new Given({ store, another: null, [Symbol.asyncDispose]: () => store.close() })
  await hello(here, 'w1')
  await using _life = await store.keepAlive('w2')
  assert.deepEqual(await store.deadWorkers(), [])
})
