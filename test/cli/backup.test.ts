import assert from 'node:assert/strict'
import { readdir, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { rota } from '../../src/rota.ts'
import { IMPORT_ROTA, folderWith } from './folders.ts'
import { call, start } from './terminals.ts'

const config = `${IMPORT_ROTA}
export const app = rota({ store: new URL('./rota.db', import.meta.url).pathname })
app.task('news', () => 'read', { retry: { attempts: 2 } })
app.schedule('news', { task: 'news', when: 'every 100 ms' })
export const server = { port: 0 }
`

const madeStore = async (folder: string): Promise<string> => {
  const store = join(folder, 'rota.db')
  await using app = rota({ store })
  app.task('news', () => null)
  await app.run('news')
  return store
}

test('a backup of an app at work is made while it works, and restored once it has stopped', async () => {
  await using folder = await folderWith({ 'rota.config.ts': config })
  const child = start(['up'], { folder: folder.path })
  for await (const piece of child.stdout.setEncoding('utf8')) if (String(piece).includes('Ctrl-C')) break
  const made = await call(['backup', 'copy.db'], { folder: folder.path })
  assert.deepEqual([made.exit, made.out], [0, ''], made.err)
  assert.match(made.err, /copy\.db holds all of it: .* kB, checked/)
  const again = await call(['backup', 'copy.db'], { folder: folder.path })
  assert.equal(again.exit, 4)
  assert.match(again.err, /there already.*--force/)
  assert.equal((await call(['backup', 'copy.db', '--force'], { folder: folder.path })).exit, 0)

  const living = await call(['restore', 'copy.db', '--force'], { folder: folder.path })
  assert.equal(living.exit, 4, living.err)
  assert.match(living.err, /A Rota works on .*Stop it first/)
  const stopped = new Promise(resolve => child.once('exit', resolve))
  child.kill('SIGTERM')
  await stopped
  // Whatever ran meanwhile: from now on the store holds more than the backup.
  assert.equal((await call(['run', 'news'], { folder: folder.path })).exit, 0)

  const ahead = await call(['restore', 'copy.db'], { folder: folder.path })
  assert.equal(ahead.exit, 4, ahead.err)
  assert.match(ahead.err, /holds what the backup does not.*--force/)
  const restored = await call(['restore', 'copy.db', '--force'], { folder: folder.path })
  assert.equal(restored.exit, 0, restored.err)
  assert.match(
    restored.err,
    /rota\.db is restored, as it was at .*\n.*kept: .*rota\.db\.replaced-.*\n1 schedule goes on/,
  )
  assert.equal((await stat(join(folder.path, 'rota.db'))).mode & 0o777, 0o600)
})

test('what a restore held is told by the doctor, and released', async () => {
  await using folder = await folderWith()
  const store = await madeStore(folder.path)
  await call(['backup', 'copy.db'], { folder: folder.path })
  const { err } = await call(['restore', 'copy.db'], { folder: folder.path })
  assert.match(err, /1 unfinished run waits until you let them go: rota runs release/)
  const doctor = await call(['doctor'], { folder: folder.path })
  assert.match(doctor.out, /^✗ held +1 runs wait/m)
  const why = async (): Promise<string> => (await call(['why', '1', '--store', store])).out
  assert.match(await why(), /\nA restore holds one waiting run in this store until released: rota runs release\.\n/)
  assert.match((await call(['runs', 'release', '--store', store])).err, /^Released: 1\./)
  assert.doesNotMatch(await why(), /restore/)
  assert.match((await call(['runs', 'release', '--store', store])).err, /Nothing is held/)
  assert.equal((await call(['runs', 'release', '99', '--store', store])).exit, 3)
  const after = await call(['doctor'], { folder: folder.path })
  assert.match(after.out, /^✓ held /m)
  assert.match(after.out, /^✓ backup +the last one/m)
})

test('a store that is gone, emptied or lost its -wal is restored by the way that the error shows', async () => {
  await using folder = await folderWith()
  const store = await madeStore(folder.path)
  await call(['backup', 'copy.db'], { folder: folder.path })
  await rm(store)
  assert.equal((await call(['restore', 'copy.db', '--store', 'rota.db'], { folder: folder.path })).exit, 0)
  await writeFile(store, 'This is a text, and a long one. '.repeat(1_000))
  const refused = await call(['runs', 'list', '--store', store])
  assert.equal(refused.exit, 5)
  assert.match(refused.err, /damaged.*rota restore <backup>/)
  assert.equal((await call(['restore', 'copy.db'], { folder: folder.path })).exit, 0)
  await truncate(store, 0)
  assert.equal((await call(['restore', 'copy.db'], { folder: folder.path })).exit, 0)
  const { out } = await call(['runs', 'list', '--store', store, '--json'])
  assert.equal((JSON.parse(out) as { runs: unknown[] }).runs.length, 1)
  assert.equal((await readdir(folder.path)).filter(name => name.includes('replaced')).length, 2)
})

test('what is no backup is refused with 2, and the store is not touched', async () => {
  await using folder = await folderWith({ 'text.db': 'this is no database' })
  const store = await madeStore(folder.path)
  const before = await stat(store)
  for (const name of ['text.db', 'gone.db']) {
    const { exit, err } = await call(['restore', name], { folder: folder.path })
    assert.equal(exit, 2, err)
    assert.match(err, /cannot be restored/)
  }
  assert.equal((await stat(store)).ino, before.ino)
})

test('with --catch-up the unfinished goes on by itself', async () => {
  await using folder = await folderWith()
  const store = await madeStore(folder.path)
  await call(['backup', 'copy.db'], { folder: folder.path })
  const { exit } = await call(['restore', 'copy.db', '--catch-up'], { folder: folder.path })
  assert.equal(exit, 0)
  assert.match((await call(['runs', 'release', '--store', store])).err, /Nothing is held/)
})
