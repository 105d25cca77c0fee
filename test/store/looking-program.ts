/** Says which workers are dead, as JSON. Argument: the path. */

import { openSqliteStore } from '../../src/store/sqlite/store.ts'

const store = await openSqliteStore({ path: process.argv[2] ?? '' })
console.log(JSON.stringify((await store.deadWorkers()).map(row => row.worker)))
await store.close()
