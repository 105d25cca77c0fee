/** Is a worker: says when it is known and alive, and stays so until it dies. Arguments: the path, its identity. */

import { openSqliteStore } from '../../src/store/sqlite/store.ts'
import { nothingToJudge, start } from './given.ts'

const [, , path = '', worker = ''] = process.argv
const store = await openSqliteStore({ path })
await store.keepAlive(worker)
await store.commit([{ kind: 'joinWorker', worker, host: 'h', version: '1', startedAt: start }], nothingToJudge)
console.log('alive')
process.stdin.resume()
