/** The API over the real thing: what is asked for over HTTP happens, and is told. */

import assert from 'node:assert/strict'
import test from 'node:test'
import { rota } from '../../src/rota.ts'
import { api } from '../../src/server/api.ts'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'

test('a schedule that is created over HTTP runs when it is due, can be paused, and is told as it happens', async () => {
  const clock = new VirtualClock('2026-11-22T08:59:00Z')
  const app = rota({ store: ':memory:', clock, lookEvery: '1 h' })
  app.task('report', ({ input, log }) => {
    log.info('written', { rows: 3 })
    return { input }
  })
  await clock.during(app.start())
  const ending = new AbortController()
  const hono = api(app, { signal: ending.signal })
  // oxlint-disable-next-line typescript/no-explicit-any
  const ask = async (method: string, path: string, body?: object): Promise<any> => {
    const headers = { 'content-type': 'application/json' }
    const asked = hono.request(path, { method, ...(body ? { body: JSON.stringify(body), headers } : {}) })
    const response = await clock.during(Promise.resolve(asked))
    assert.ok(response.ok, `${method} ${path}: ${response.status} ${response.ok ? '' : await response.text()}`)
    return response.json()
  }

  const events = await hono.request('/api/v1/events')
  const schedule = { name: 'report-daily', task: 'report', condition: 'daily at 09:00', input: { day: 'today' } }
  const made = await ask('POST', '/api/v1/schedules', schedule)
  assert.deepEqual([made.nextAt, made.upcoming[1]], ['2026-11-22T09:00:00Z', '2026-11-23T09:00:00Z'])

  await clock.advance('2 min')
  const { runs } = await ask('GET', '/api/v1/runs?schedule=report-daily')
  assert.deepEqual(
    runs.map((run: Record<string, unknown>) => [run['state'], run['nominalAt'], run['lateMs']]),
    [['succeeded', '2026-11-22T09:00:00Z', 0]],
  )
  const run = await ask('GET', `/api/v1/runs/${runs[0].id}`)
  assert.deepEqual(run.result, { input: { day: 'today' } })
  const { lines } = await ask('GET', `/api/v1/runs/${runs[0].id}/logs`)
  assert.deepEqual(
    lines.map((line: Record<string, unknown>) => [line['message'], line['fields']]),
    [['written', { rows: 3 }]],
  )

  assert.equal((await ask('POST', '/api/v1/schedules/report-daily/pause', { why: 'holidays' })).pause.why, 'holidays')
  await clock.advance('24 h')
  assert.equal((await ask('GET', '/api/v1/runs?schedule=report-daily&state=succeeded')).runs.length, 1)
  assert.equal((await ask('POST', '/api/v1/schedules/report-daily/resume')).nextAt, '2026-11-24T09:00:00Z')

  const again = await ask('POST', `/api/v1/runs/${runs[0].id}/retries`)
  await clock.advance('1 s')
  assert.deepEqual((await ask('GET', `/api/v1/runs/${again.id}`)).trigger, { kind: 'again', by: 'api', of: runs[0].id })

  ending.abort()
  const told = await events.text()
  for (const kind of ['run', 'log', 'schedule']) assert.match(told, new RegExp(`^event: ${kind}$`, 'm'))
  assert.match(told, /"name":"report-daily","change":"paused"/)
  await clock.during(app.stop())
})

test('a condition, a zone and a name that cannot be are refused over HTTP with what is wrong', async () => {
  await using app = rota({ store: ':memory:' })
  app.task('report', () => null)
  await app.open()
  const hono = api(app)
  const fields = { name: 'a', task: 'report', condition: 'hourly' }
  for (const [change, status, code] of [
    [{ condition: 'every 5 bananas' }, 422, 'CONDITION_UNREADABLE'],
    [{ condition: '0 0 31 2 *' }, 422, 'CONDITION_NEVER'],
    [{ condition: 'between 09:00 and 17:00' }, 422, 'CONDITION_INCOMPLETE'],
    [{ condition: '* '.repeat(10_000) }, 422, 'CONDITION_TOO_LONG'],
    [{ timezone: '../../etc/passwd' }, 422, 'TIMEZONE_UNKNOWN'],
    [{ timezone: 'Europe/Berlin\0' }, 422, 'TIMEZONE_UNKNOWN'],
    [{ timezone: 'x'.repeat(10_000) }, 422, 'TIMEZONE_UNKNOWN'],
    [{ name: '../x' }, 422, 'NAME_INVALID'],
    [{ task: 'constructor' }, 404, 'TASK_UNKNOWN'],
    [{ grace: '5 bananas' }, 422, 'DURATION_UNREADABLE'],
    [{ startAt: 'tomorrow' }, 422, 'INSTANT_UNREADABLE'],
    [{ maxRuns: -5 }, 422, 'OPTION_INVALID'],
  ] as const) {
    const response = await hono.request('/api/v1/schedules', {
      method: 'POST',
      body: JSON.stringify({ ...fields, ...change }),
      headers: { 'content-type': 'application/json' },
    })
    const problem = (await response.json()) as { code: string; detail: string }
    assert.deepEqual([response.status, problem.code], [status, code], problem.detail)
  }
  assert.equal((await app.schedules.list({ limit: 5 })).length, 0)
})
