/** Each opportunity has one row, and is counted once: where instants fall together, and where something comes between. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseInstant } from '../../src/base/instant.ts'
import { begin } from './world.ts'
import type { World } from './world.ts'

/** How many opportunities its rows stand for. */
const counted = async ({ app }: World): Promise<number> =>
  (await app.runs.list({ schedule: 'it', limit: 9 })).reduce((sum, { count }) => sum + count, 0)

test('of two events within the jitter each is in a row', async () => {
  await using world = await begin({ when: "after 'news' succeeds", jitter: '20 minutes' })
  await world.run('news')
  await world.clock.advance('1 s')
  await world.run('news')
  await world.clock.advance('1 h')
  assert.equal(await counted(world), 2)
})

test('a moment before the end is decided though the jitter has it looked at after it', async () => {
  const until = { jitter: '20 minutes', endAt: '2026-01-05T10:00:01Z' }
  await using world = await begin({ when: "hourly or after 'news' succeeds", ...until })
  await world.at('12:00:00')
  assert.deepEqual(await world.told(), ['09:00 succeeded', '10:00 succeeded'])
})

test('an event before the end is decided though the jitter has it looked at after it', async () => {
  const until = { jitter: '20 minutes', endAt: '2026-01-05T10:00:01Z' }
  await using world = await begin({ when: "after 'news' succeeds", ...until })
  await world.at('10:00:00')
  await world.run('news')
  await world.at('12:00:00')
  assert.deepEqual(await world.told(), ['10:00 succeeded'])
})

test('a moment and what follows the last end run once where they fall together', async () => {
  await using world = await begin({ when: 'hourly or 1 hour after it finishes' })
  await world.at('10:30:00')
  assert.deepEqual(await world.told(), ['09:00 succeeded', '10:00 succeeded'])
})

test('a moment and what follows the last end are one in a pause too where they fall together', async () => {
  await using world = await begin({ when: 'hourly or 1 hour after it finishes' })
  await world.clock.during(world.app.schedules.pause('it', 'ada'))
  await world.at('09:30:00')
  assert.deepEqual(await world.told(), ['09:00 skipped paused'])
})

test('delayed events due together are counted once each, however many clauses name them', async () => {
  await using world = await begin({ when: "10 minutes after 'news' finishes and (on weekdays or 'db' is running)" })
  await world.run('news')
  await world.run('news')
  await world.clock.during(world.app.schedules.pause('it', 'ada'))
  await world.clock.advance('1 h')
  assert.deepEqual(await world.told(), ['08:10-08:10 ×2 skipped paused'])
})

test('an event whose row was cancelled is not counted again in a pause', async () => {
  await using world = await begin({ when: "after any of 'news', 'other' succeeds and 'db' is running" })
  await world.run('news')
  const [row] = await world.app.runs.list({ schedule: 'it', limit: 1 })
  assert.equal(row?.state, 'open')
  await world.clock.during(world.app.runs.cancel(row.id, 'ada'))
  await world.run('other')
  await world.clock.during(world.app.schedules.pause('it', 'ada'))
  assert.equal(await counted(world), 2)
})

test('a schedule that follows itself goes on after the clock was set back', async () => {
  await using world = await begin({ when: '5 minutes after it finishes' })
  await world.at('09:01:00')
  world.clock.step(-30 * 60_000)
  await world.clock.during(world.app.schedules.pause('it', 'ada'))
  await world.clock.during(world.app.schedules.resume('it', 'ada'))
  await world.at('11:00:00')
  assert.ok((await world.told()).length > 12)
})

test('a schedule that follows itself counts from its last end, also where that is a skip that is old enough to go', async () => {
  const retention = { age: '90 days', skipped: '1 hour' }
  await using world = await begin({ when: '6 hours after it finishes' }, { retention })
  await world.at('15:00:00')
  await world.clock.during(world.app.schedules.pause('it', 'ada'))
  await world.at('21:00:00')
  await world.clock.during(world.app.schedules.resume('it', 'ada'))
  await world.at('2026-01-06T03:00:00Z')
  const [run] = await world.app.runs.list({ schedule: 'it', limit: 1 })
  assert.equal(run?.nominalAt, parseInstant('2026-01-06T02:00:00Z'))
})

test('a waiting row that is cancelled gives its place back: what came meanwhile is caught up with', async () => {
  await using world = await begin({ when: 'hourly', overlap: 'queue', maxRuns: 2 }, { lasts: '90 minutes' })
  await world.at('10:10:00')
  const [row] = await world.app.runs.list({ schedule: 'it', limit: 1 })
  assert.equal(row?.state, 'open')
  await world.clock.during(world.app.runs.cancel(row.id, 'ada'))
  await world.at('15:00:00')
  assert.equal((await world.told()).filter(line => line.endsWith('succeeded')).length, 2)
})

test('a schedule that follows itself counts from its start where it never ran', async () => {
  await using world = await begin({ when: '5 minutes after it finishes', startAt: '2026-01-05T10:00:00Z' })
  await world.at('11:00:00')
  assert.notDeepEqual(await world.told(), [])
})

test('a pause gives back the place that a waiting row held: what comes in it has rows', async () => {
  await using world = await begin({ when: 'hourly', overlap: 'queue', maxRuns: 2 }, { lasts: '90 minutes' })
  await world.at('10:10:00')
  await world.clock.during(world.app.schedules.pause('it', 'ada'))
  await world.at('12:10:00')
  assert.deepEqual(await world.told(), ['09:00 succeeded', '10:00-12:00 ×3 skipped paused'])
})

test('a moment that waits in one clause does not run for another that has gone on since', async () => {
  const when = "every 5 minutes or hourly at :00 and 'db' is running"
  await using world = await begin({ when, grace: '1 h' })
  world.clock.step(70 * 60_000)
  await world.at('09:12:00')
  assert.deepEqual(await world.told(), [
    '08:05-08:55 ×11 skipped coalesced',
    '09:00 open condition',
    '09:05 skipped coalesced',
    '09:10 succeeded',
  ])
})

test('what waits when the last run is made ends with it', async () => {
  const when = "hourly or between 08:00 and 08:15 and after 'news' succeeds"
  await using world = await begin({ when, maxRuns: 2 }, { start: '2026-01-05T07:30:00Z' })
  await world.at('08:20:00')
  await world.run('news')
  assert.deepEqual(await world.told(), ['08:00 succeeded', '08:20 open condition'])
  await world.at('11:00:00')
  assert.deepEqual(await world.told(), ['08:00 succeeded', '08:20 skipped ended', '09:00 succeeded'])
})

test('equal skips on both sides of a run are two rows', async () => {
  const when = "hourly at :00 and between 08:00 and 09:15 or every 5 minutes and after 'news' succeeds"
  await using world = await begin({ when, catchUp: 'none', grace: '1 h' })
  world.clock.step(70 * 60_000)
  await world.clock.advance('1 minute')
  assert.deepEqual(await world.told(), [
    '08:05-08:55 ×11 skipped missed',
    '09:00 succeeded',
    '09:05 skipped missed',
    '09:10 open condition',
  ])
})
