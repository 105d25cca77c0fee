/** Threads: work that computes for long holds up nothing else, and is stopped by force when it ignores its signal. */

import { isMainThread } from 'node:worker_threads'
import { log, rota, thread } from '../src/index.ts' // in a program of your own: from 'rota'
import type { Context } from '../src/index.ts'

// The handlers: in a program of your own a file beside this one.
export const countPrimes = ({ input, progress }: Context<number>) => {
  let primes = 0
  for (let n = 2; n <= input; n++) {
    if (isPrime(n)) primes++
    if (n % 10_000 === 0) progress(n, input)
  }
  log.info(`${primes} primes up to ${input}`)
  return primes
}

export const neverEnds = () => {
  while (true);
}

const isPrime = (n: number): boolean => {
  for (let d = 2; d * d <= n; d++) if (n % d === 0) return false
  return true
}

const main = async (): Promise<void> => {
  await using app = rota({ store: ':memory:' })
  const module = import.meta.url
  app.task('primes', thread({ module, export: 'countPrimes' }))
  app.task('loop', thread({ module, export: 'neverEnds' }), { timeout: '100 ms', timeoutGrace: '100 ms' })
  await app.start()

  const primes = await app.runs.finished((await app.run('primes', { input: 100_000 })).id)
  const { progress } = await app.runs.get(primes.id)
  console.log(
    `The run ${primes.state}: ${JSON.stringify(primes.result)} primes, ${progress?.done} of ${progress?.total} looked at.`,
  )

  const loop = await app.runs.finished((await app.run('loop')).id)
  console.log(`The endless loop ${loop.state}, reason: ${loop.reason}.`)
  for (const line of await app.runs.logs(loop.id, 0, 10)) console.log(`The log says: ${line.message}.`)
}

if (isMainThread) await main()
