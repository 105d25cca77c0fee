/** A handler in a file that also starts an app, as its own threads and child processes would, too. */

import { rota } from '../../../src/index.ts'

const app = rota({ store: ':memory:' })
await app.start()

export const work = () => 'never'
