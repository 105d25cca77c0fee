/** A full disk: what cannot be kept is refused as a whole, what was kept stays readable, and with room all goes on. */

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { isRotaError } from '../../src/base/errors.ts'
import { openSqliteStore } from '../../src/store/sqlite/store.ts'
import { temporaryFolder } from './folder.ts'
import { Given, nothingToJudge, start } from './given.ts'

const SIZE = 2 * 1024 * 1024

/** A disk of two megabytes, or why there can be none here. */
const smallDisk = (): (Disposable & { readonly path: string }) | string => {
  if (process.platform !== 'linux') return 'only Linux mounts a small disk for a test'
  if (process.getuid?.() !== 0) return 'only root may mount a small disk'
  const folder = temporaryFolder()
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${SIZE}`, 'tmpfs', folder.path], { stdio: 'pipe' })
  } catch (error) {
    folder[Symbol.dispose]()
    return `no small disk can be mounted here: ${(error as Error).message.split('\n')[0]}`
  }
  return {
    path: folder.path,
    [Symbol.dispose]() {
      execFileSync('umount', ['-l', folder.path])
      folder[Symbol.dispose]()
    },
  }
}

const trial = smallDisk()
const skip = typeof trial === 'string' ? trial : false
if (typeof trial !== 'string') trial[Symbol.dispose]()

test('a store on a full disk refuses, keeps what it has, and goes on by itself', { skip }, async () => {
  const disk = smallDisk()
  if (typeof disk === 'string') throw new Error(disk)
  using _disk = disk
  const store = await openSqliteStore({ path: join(disk.path, 'rota.db') })
  await using here = new Given({ store, another: null, [Symbol.asyncDispose]: () => store.close() })
  const filler = join(disk.path, 'filler')
  fillUp(filler)

  const kept: number[] = []
  const refused = async (): Promise<unknown> => {
    for (let i = 0; i < 10_000; i++) {
      try {
        kept.push((await here.request({ input: 'x'.repeat(10_000) })).id)
      } catch (error) {
        return error
      }
    }
    return undefined
  }
  assert.ok(isRotaError(await refused(), 'STORE_FULL'))
  const request = { kind: 'request', task: 'collect' as never, input: 'y'.repeat(100_000), at: start } as const
  const common = { trigger: { kind: 'hand', by: 'ada' }, attemptsAllowed: 1, claimFor: null } as const
  const small = { kind: 'event', at: start, name: 'small', detail: '' } as const
  await assert.rejects(store.commit([small, { ...request, ...common }], nothingToJudge), error =>
    isRotaError(error, 'STORE_FULL'),
  )
  const stored = async () => (await store.runs({ limit: 10_000 })).map(run => run.id).toReversed()
  assert.deepEqual(await stored(), kept)
  assert.deepEqual(await store.events(10), [])

  rmSync(filler)
  kept.push((await here.request({ input: 'x'.repeat(10_000) })).id)
  assert.deepEqual(await stored(), kept)
})

test('a new store on a full disk is refused as such', { skip }, async () => {
  const disk = smallDisk()
  if (typeof disk === 'string') throw new Error(disk)
  using _disk = disk
  const filler = join(disk.path, 'filler')
  fillUp(filler)
  const path = join(disk.path, 'rota.db')
  await assert.rejects(openSqliteStore({ path }), error => isRotaError(error, 'STORE_FULL'))
  rmSync(filler)
  const store = await openSqliteStore({ path })
  await store.close()
})

/** Leaves not a byte. */
const fillUp = (path: string): void => {
  for (let size = SIZE; size > 0; size >>= 1) {
    try {
      writeFileSync(path, Buffer.alloc(size), { flag: 'a' })
      size <<= 1
    } catch {
      // Too much; half of it may fit.
    }
  }
}
