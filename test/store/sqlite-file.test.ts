/** SQLite in a file keeps the contract. */

import { join } from 'node:path'
import { openSqliteStore } from '../../src/store/sqlite/store.ts'
import { storeContract } from './contract.ts'
import { temporaryFolder } from './folder.ts'

const open = async () => {
  const folder = temporaryFolder()
  const path = join(folder.path, 'rota.db')
  const store = await openSqliteStore({ path })
  return {
    store,
    another: () => openSqliteStore({ path }),
    async [Symbol.asyncDispose]() {
      await store.close()
      folder[Symbol.dispose]()
    },
  }
}

storeContract('SQLite in a file', open, { shared: true })
