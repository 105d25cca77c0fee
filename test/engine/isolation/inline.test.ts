/** A function in this process keeps the contract, except that nothing ends it. */

import { isolationContract } from './contract.ts'
import { fails, huge, polite, returns } from './handlers.ts'

isolationContract('inline', {
  work: behaviour => ({ succeeds: returns, fails, polite, deaf: () => new Promise(() => {}), huge })[behaviour],
  begun: trial => trial.said('ready'),
  result: { input: null },
  failure: /^no luck$/,
  canBeKilled: false,
  canIgnore: true,
})
