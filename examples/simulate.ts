/** Simulating: what the schedules of an app would do in a week, in a moment, and without calling one of its tasks. */

import assert from 'node:assert/strict'
import { rota } from '../src/index.ts' // in a program of your own: from 'rota'
import { simulate } from '../src/testing/index.ts' // and from 'rota/testing'

const app = rota()
const fetchPrices = app.task('fetch-prices', () => assert.fail('never called'), { retry: { attempts: 3 } })
const report = app.task('report', () => assert.fail('never called'), { timeout: '20 minutes' })
app.schedule('prices', { task: fetchPrices, when: 'every 10 minutes' })
app.schedule('nightly', { task: report, when: 'daily at 03:00' })
app.schedule('monthly', { task: report, when: 'monthly on the 1st at 03:00' })

const week = await simulate(app, {
  from: '2026-01-05T00:00:00Z',
  for: '7 days',
  durations: { 'fetch-prices': ['1 s', '30 s'], report: '15 minutes' },
  fail: { 'fetch-prices': 0.2 },
})

const prices = week.schedules.find(one => one.name === 'prices')
assert.deepEqual(prices?.skipped, {})
console.log(`In a week: ${week.runs} runs, ${prices.retries} of them tried again, ${prices.failed} failed.`)
console.log(`Busiest minute: ${week.busiestMinute?.at}, ${week.busiestMinute?.starts} starts.`)
for (const { schedules, times } of week.collisions)
  console.log(`${schedules.join(' and ')} start in the same second ${times} times.`)
for (const { name, silent } of week.schedules) if (silent !== null) console.log(`${name} never starts: ${silent}.`)
