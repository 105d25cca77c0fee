/** Opens a store, and says its schema, or the code of the error. Argument: the path. */

import { isRotaError } from '../../src/base/errors.ts'
import { openSqliteStore } from '../../src/store/sqlite/store.ts'

try {
  const store = await openSqliteStore({ path: process.argv[2] ?? '' })
  console.log((await store.describe()).schema)
  await store.close()
} catch (error) {
  console.log(isRotaError(error) ? error.code : String(error))
}
