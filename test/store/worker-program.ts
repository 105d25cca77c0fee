/** Is a worker: says when it is known and alive, and stays so until it dies. Arguments: the path, its identity, whether to forget the store. */

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { openSqliteStore } from '../../src/store/sqlite/store.ts'
import { nothingToJudge, start } from './given.ts'

const [, , path = '', worker = '', forget = ''] = process.argv
const store = await openSqliteStore({ path })
await store.keepAlive(worker)
await store.commit([{ kind: 'joinWorker', worker, host: 'h', version: '1', startedAt: start }], nothingToJudge)
// Told to forget it, nothing refers to the store any more: the worker lives on all the same.
if (forget === '') Object.assign(globalThis, { store })
setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void
setImmediate(() => {
  collectGarbage()
  console.log('alive')
})
process.stdin.resume()
