/** Fails one run, and tells a receiver of it. Arguments: the path of the store, the address of the receiver. */

import { rota, webhook } from '../../src/index.ts'

const [store = '', address = ''] = process.argv.slice(2)
const app = rota({ store })
app.task('work', () => {
  throw new Error('no answer')
})
app.notify({ to: webhook(address, { secret: 'a secret of this test', name: 'ops' }), on: ['failed'] })
await app.start()
await app.run('work')
// The clock of the machine keeps no process alive, and neither does a run.
setInterval(() => {}, 60_000)
