/** Threads keep the contract. */

import { thread } from '../../../src/domain/isolation.ts'
import { isolationContract } from './contract.ts'
import { remoteContract } from './remote-contract.ts'

const names = { succeeds: 'returns', fails: 'fails', polite: 'polite', deaf: 'deaf', huge: 'huge' }

isolationContract('thread', {
  work: behaviour => thread({ module: new URL('./handlers.ts', import.meta.url), export: names[behaviour] }),
  begun: trial => trial.said('ready'),
  result: { input: null },
  failure: /^no luck$/,
  canBeKilled: true,
  canIgnore: true,
})

remoteContract('thread')
