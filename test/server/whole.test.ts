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
    [{ condition: "after 'report' succeeds" }, 422, 'CONDITION_REFUSED'],
    [{ condition: "after 'rapport' succeeds" }, 404, 'TASK_UNKNOWN'],
    [{ condition: "hourly and if 'disk is free'" }, 422, 'PREDICATE_UNKNOWN'],
    [{ condition: "hourly and not on 'holidays'" }, 422, 'CALENDAR_UNKNOWN'],
    [{ stopWhen: 'hourly' }, 422, 'OPTION_INVALID'],
    [{ startWithin: 'soon' }, 422, 'DURATION_UNREADABLE'],
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

test('why a schedule is silent and why a run is there is told over HTTP, also of the past', async () => {
  const clock = new VirtualClock('2026-11-22T08:00:00Z')
  const app = rota({ store: ':memory:', clock })
  app.task('news', () => null)
  app.task('digest', () => null)
  await clock.during(app.start())
  const hono = api(app)
  // oxlint-disable-next-line typescript/no-explicit-any
  const ask = async (path: string, body?: object): Promise<any> => {
    const headers = { 'content-type': 'application/json' }
    const asked = hono.request(path, body ? { method: 'POST', body: JSON.stringify(body), headers } : {})
    return (await clock.during(Promise.resolve(asked))).json()
  }
  const made = await ask('/api/v1/schedules', {
    name: 'digest',
    task: 'digest',
    condition: "after 'news' succeeds",
    timezone: 'Europe/Berlin',
    startWithin: '10 min',
    stopWhen: 'after 22:00',
  })
  assert.deepEqual(
    [made.nextAt, made.waitsFor, made.policies.startWithinMs, made.policies.stopWhen, made.policies.overlap],
    [null, ["after 'news' succeeds"], 600_000, 'after 22:00', { kind: 'queue' }],
  )
  await clock.advance('3 min')
  await ask('/api/v1/tasks/news/runs', {})
  await clock.advance('57 min')

  const why = await ask('/api/v1/schedules/digest/explanation')
  assert.deepEqual(
    [why.at, why.timezone, why.sentences[0], why.clauses[0].holds, why.stopWhen[0].parts[0].holds, why.wakes],
    [
      '2026-11-22T09:00:00Z',
      'Europe/Berlin',
      "It waits for `after 'news' succeeds` (last success 09:03, already used by run 2).",
      false,
      false,
      { at: null, on: ['news'] },
    ],
  )
  for (const at of [
    '2026-11-22T08:03:00Z',
    '2026-11-22T09:03',
    '2026-11-22T09:03:00+01:00',
    '2026-11-22T09:03:00%2B01:00',
  ]) {
    const then = await ask(`/api/v1/schedules/digest/explanation?at=${at}`)
    assert.equal(then.sentences[0], '09:03: run 2 succeeded, after run 1.')
    assert.equal(then.decision.id, 2)
    assert.equal(then.clauses[0].holds, true)
  }
  for (const [path, status, code, detail] of [
    ['schedules/digest/explanation?at=sunday', 422, 'INSTANT_UNREADABLE', /2026-12-01T09:00/],
    ['schedules/digest/explanation?at=2026-11-31T09:00', 422, 'INSTANT_UNREADABLE', /Europe\/Berlin/],
    ['schedules/digest/explanation?at=2026-11-23T09:00', 422, 'OPTION_INVALID', /is to come/],
    ['schedules/digst/explanation', 404, 'SCHEDULE_UNKNOWN', /Did you mean 'digest'/],
    ['runs/77/explanation', 404, 'RUN_UNKNOWN', /77/],
  ] as const) {
    const problem = await ask(`/api/v1/${path}`)
    assert.deepEqual([problem.status, problem.code], [status, code])
    assert.match(problem.detail, detail)
  }

  const run = await ask('/api/v1/runs/2/explanation')
  assert.deepEqual(run.sentences, ["'digest' wanted it after run 1, for 09:03.", 'Run 2 succeeded, after run 1.'])
  assert.deepEqual([run.run.trigger.run, run.schedule.at], [1, '2026-11-22T08:03:00Z'])
  const byHand = await ask('/api/v1/runs/1/explanation')
  assert.deepEqual([byHand.sentences[0], byHand.schedule], ['It was wanted by hand 08:03, by api.', null])
  await clock.during(app.stop())
})
