/** A real Rota over a real file, whose handler ends the process that it is in. Argument: the file of the store. */

import { rota } from '../../src/index.ts'

const app = rota({ store: process.argv[2] ?? '' })
app.task('exits', () => process.exit(7))
await app.start()
await app.run('exits')
