/** Brings a file to a schema of one step more, and says how it went. Argument: the path. */

import { migrations, schemaOf } from '../../src/store/sqlite/migrations.ts'
import { openDatabase } from '../../src/store/sqlite/open.ts'

const steps = [...migrations, { sql: 'CREATE TABLE later (id INTEGER) STRICT' }]

const database = openDatabase({ path: process.argv[2] ?? '' }, steps)
console.log(schemaOf(database))
database.close()
