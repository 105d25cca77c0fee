/** Handlers that are found by their names, in a thread or a child process. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import { instant } from '../../../src/base/instant.ts'
import { giveUp, log, partial, retryAfter } from '../../../src/index.ts'
import type { Context } from '../../../src/index.ts'

export const returns = ({ input }: Context) => ({ input })

export const fails = (): never => {
  throw Object.assign(new TypeError('no luck', { cause: new Error('the deeper reason') }), { code: 'E_LUCK' })
}

export const throwsText = (): never => {
  // oxlint-disable-next-line no-throw-literal, typescript/only-throw-error -- handlers may
  throw 'just text'
}

export const part = () => partial({ pages: 9 }, 'page 10 did not answer')

export const hopeless = (): never => {
  throw giveUp('the account is closed')
}

export const toldToWait = (): never => {
  throw retryAfter(instant(Date.UTC(2030, 0, 1)), 'quota used up')
}

export const seesItsContext = ({ input, run, attempt, nominalAt, trigger }: Context) => ({
  input,
  run,
  attempt,
  nominalAt,
  trigger,
})

export const logs = ({ log }: Context) => {
  for (let i = 1; i <= 5; i++) log.info(`line ${i}`, { i })
  log.child({ source: 'news' }).warn('odd', { error: new Error('seen') })
}

export const logsDeep = () => deeper()
const deeper = async () => {
  await wait(1)
  log.info('from deep in a call')
}

export const asks = async ({ state, previous, parents, progress, records, secret }: Context) => {
  const before = await state.get('cursor')
  await state.set('cursor', { page: 2 })
  await state.set('gone', 1)
  await state.delete('gone')
  progress(1, 10, 'first page')
  await records.keepItems('news', [{ key: 'a', hash: 'h', data: null }])
  return {
    before,
    after: await state.get('cursor'),
    previous: (await previous())?.result,
    parents: (await parents()).length,
    secret: (await secret('contract')).length,
  }
}

export const misses = async ({ secret }: Context) => secret('not there')

export const polite = async ({ signal, log }: Context) => {
  const aborted = once(signal, 'abort')
  log.info('ready')
  await aborted
  const { why, message } = signal.reason as { why: string; message: string }
  log.info(`told: ${why}: ${message}`)
  throw signal.reason
}

export const deaf = ({ log }: Context) => {
  log.info('ready')
  while (true);
}

export const exits = () => process.exit(3)

export const crashes = async () => {
  queueMicrotask(() => {
    throw new RangeError('nobody catches this')
  })
  await wait(60_000)
}

export const huge = () => 'x'.repeat(100_000_000)
export const big = () => 1n
export const cycle = () => {
  const own: Record<string, unknown> = {}
  own['own'] = own
  return own
}

export const greedy = () => {
  const kept: unknown[] = []
  while (true) kept.push(Array.from({ length: 10_000 }, (_, i) => ({ i })))
}

export const defers = ({ defer, log }: Context) => {
  defer(() => log.info('first deferred'))
  defer(() => {
    throw new Error('cleanup broke')
  })
  defer(async () => {
    await wait(1)
    log.info('last deferred')
  })
  return 'done'
}

export const whoAmI = () => process.pid
let runs = 0
export const countsRuns = () => ++runs

/** Starts a process of its own, says its number, and ignores everything. */
export const parent = ({ log }: Context) => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' })
  log.info('ready', { pid: child.pid })
  while (true);
}

const lingering = Promise.withResolvers<string>()

/** Is over before the work that it set going. */
export const leavesWork = (context: Context): void => {
  setImmediate(() => {
    log.info('from the past')
    context.progress(99)
    context.state.set('past', 1).catch((error: { code: string }) => lingering.resolve(error.code))
  })
}

export const waitsForThatWork = () => lingering.promise

export const notAFunction = 7
