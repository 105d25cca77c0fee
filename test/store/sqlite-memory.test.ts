/** SQLite in memory keeps the contract. */

import { openSqliteStore } from '../../src/store/sqlite/store.ts'
import { storeContract } from './contract.ts'

const open = async () => {
  const store = await openSqliteStore({ path: ':memory:' })
  return { store, another: null, [Symbol.asyncDispose]: () => store.close() }
}

storeContract('SQLite in memory', open, { shared: false })
