/** `rota why`, over a store in which a morning has passed. */

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { before, test } from 'node:test'
import { parseInstant } from '../../src/base/instant.ts'
import { rota } from '../../src/rota.ts'
import { api } from '../../src/server/api.ts'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'
import { folderWith } from './folders.ts'
import { call } from './terminals.ts'

const NOW = '2026-01-05T10:30:00Z'
const here = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href)

// Its clock stands still: what is asked now is asked at half past ten.
const CONFIG = `import { rota } from ${here('../../src/index.ts')}
import { VirtualClock } from ${here('../../src/testing/virtual-clock.ts')}
const store = new URL('./rota.db', import.meta.url).pathname
export const app = rota({ store, clock: new VirtualClock('${NOW}') })
for (const task of ['news', 'digest', 'report']) app.task(task, () => null)
app.predicate('disk is free', () => true)
`

const folder = await folderWith({ 'rota.config.ts': CONFIG })

before(async () => {
  const clock = new VirtualClock('2026-01-05T08:00:00Z')
  const app = rota({ store: join(folder.path, 'rota.db'), clock })
  for (const task of ['news', 'digest', 'report']) app.task(task, () => null)
  app.predicate('disk is free', () => true)
  app.schedule('digest', { task: 'digest', when: "after 'news' succeeds and on weekdays", timezone: 'Europe/Berlin' })
  app.schedule('report', {
    task: 'report',
    when: "daily at 10:00 and if 'disk is free' or daily at 11:00 and between 10:00 and 12:00",
    timezone: 'Europe/Berlin',
    stopWhen: 'after 22:00',
  })
  app.schedule('rests', { task: 'report', when: 'hourly' })
  await clock.during(app.start())
  await clock.during(app.schedules.pause('rests', 'ada', '\u001B[31mthe site moves'))
  await clock.advanceTo(parseInstant('2026-01-05T08:03:00Z'))
  await clock.during(app.run('news'))
  await clock.advanceTo(parseInstant(NOW))
  await clock.during(app.stop())
})

const why = (...args: readonly string[]): ReturnType<typeof call> =>
  call(['why', ...args], { folder: folder.path, clock: new VirtualClock(NOW) })

test('a schedule is told in sentences, then part by part', async () => {
  const { exit, out, err } = await why('digest')
  assert.deepEqual([exit, err], [0, ''])
  assert.equal(
    out,
    `digest, now Mon 2026-01-05 11:30:00 +01:00 (Europe/Berlin)

It waits for \`after 'news' succeeds\` (last success 09:03, already used by run 2).
Last, 09:03: run 2 succeeded, after run 1.

  ✗ after 'news' succeeds and on weekdays
    ✗ after 'news' succeeds: last success 09:03, already used by run 2
    ✓ on weekdays: open until Saturday 00:00, in 4 d 12 h

Looked at again on news of 'news'.
`,
  )
})

test('a past instant is told from what was decided then, on the wall of the schedule or with an offset', async () => {
  for (const at of ['2026-01-05T11:00', '2026-01-05T10:00:00Z']) {
    const { out } = await why('report', '--at', at)
    assert.equal(
      out,
      `report, at Mon 2026-01-05 11:00:00 +01:00 (Europe/Berlin)

11:00: run 5 succeeded.

  ✗ daily at 10:00 and if 'disk is free'
    ✗ daily at 10:00: 10:00 is decided; next Tuesday 10:00, 23 h later
    ? if 'disk is free': what it was then is not kept
  or
  ✓ daily at 11:00 and between 10:00 and 12:00
    ✓ daily at 11:00: due since 11:00
    ✓ between 10:00 and 12:00: open until 12:00, 1 h later

stopWhen
  ✗ after 22:00: closed, next opens 22:00, 11 h later
`,
    )
  }
  assert.match(
    (await why('rests', '--at', '2026-01-05T09:00:00Z')).out,
    /\n09:00 to 10:00, 2 times: skipped, paused by ada\.\n/,
  )
})

test('a run tells what wanted it, with its schedule as it was then', async () => {
  const { out } = await why('2')
  assert.match(
    out,
    /^Run 2 of digest: succeeded\n\n'digest' wanted it after run 1, for 09:03\.\nRun 2 succeeded, after run 1\.\n/,
  )
  assert.match(
    out,
    /\ndigest at Mon 2026-01-05 09:03:00 \+01:00 \(Europe\/Berlin\)\n\n {2}✓ after 'news' succeeds and on weekdays\n/,
  )
  assert.equal(
    (await why('1')).out,
    'Run 1 of news: succeeded\n\nIt was wanted by hand 08:03, by code.\nRun 1 succeeded.\n',
  )
})

test('text of others is shown, not obeyed', async () => {
  const { out } = await why('rests')
  assert.match(out, /It is paused by ada since 08:00: ␛\[31mthe site moves\. Nothing of it starts/)
})

test('--json gives what the API answers', async () => {
  await using app = rota({ store: join(folder.path, 'rota.db'), clock: new VirtualClock(NOW) })
  for (const [args, path] of [
    [['digest'], 'schedules/digest/explanation'],
    [['report', '--at', '2026-01-05T10:00:00Z'], 'schedules/report/explanation?at=2026-01-05T10:00:00Z'],
    [['2'], 'runs/2/explanation'],
  ] as const) {
    const { out } = await why(...args, '--json')
    assert.deepEqual(JSON.parse(out), await (await api(app).request(`/api/v1/${path}`)).json())
  }
})

test('a store alone is asked without knowing its tasks', async () => {
  const { out, exit } = await why('digest', '--store', 'rota.db', '--at', '2026-01-05T09:03')
  assert.equal(exit, 0)
  assert.doesNotMatch(out, /known here/)
})

test('what is not there, not past or no instant is refused, with the nearest name', async () => {
  for (const [args, code, message] of [
    [['digst'], 3, /There is no schedule 'digst'\. Did you mean 'digest'\?/],
    [['99'], 3, /There is no run 99/],
    [['digest', '--at', 'sunday'], 2, /'sunday' is not an instant; .* 2026-12-01T09:00\./],
    [['digest', '--at', '2026-01-05T12:00:00Z'], 2, /is to come/],
    [['2', '--at', NOW], 2, /2 is a run, which has its own time/],
    [[], 2, /missing required argument/],
  ] as const) {
    const { exit, err, out } = await why(...args)
    assert.deepEqual([exit, out], [code, ''], err)
    assert.match(err, message)
  }
})

test.after(() => folder[Symbol.asyncDispose]())
