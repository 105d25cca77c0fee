import assert from 'node:assert/strict'
import test from 'node:test'
import { api } from '../../src/server/api.ts'
import type { RunId } from '../../src/base/name.ts'
import type { Json } from '../../src/base/json.ts'
import { noItems } from '../../src/domain/unit.ts'
import { at, NOW, plainApp, runRow, scheduleRow, sourceRow, taskRow, workerRow } from './plain-app.ts'
import type { PlainApp } from './plain-app.ts'

// Answers are data of any shape here: what they hold is what is tested.
// oxlint-disable-next-line typescript/no-explicit-any
type Answer = any

const get = async (app: PlainApp, path: string): Promise<{ status: number; body: Answer; headers: Headers }> => {
  const response = await api(app).request(path)
  return { status: response.status, body: await response.json(), headers: response.headers }
}

const send = async (
  app: PlainApp,
  method: string,
  path: string,
  body?: Json | string,
): Promise<{ status: number; body: Answer; headers: Headers }> => {
  const response = await api(app).request(path, {
    method,
    ...(body === undefined
      ? {}
      : {
          body: typeof body === 'string' ? body : JSON.stringify(body),
          headers: { 'content-type': 'application/json' },
        }),
  })
  return { status: response.status, body: await response.json(), headers: response.headers }
}

const newsApp = (): PlainApp =>
  plainApp({
    tasks: [taskRow('news', 'source'), taskRow('report')],
    schedules: [
      scheduleRow({ id: 1, name: 'news-feed', task: 'news', tags: ['press'] }),
      scheduleRow({ id: 2, name: 'report-daily', task: 'report', nextAt: null }),
    ],
    runs: [
      runRow({
        id: 1,
        schedule: 'news-feed',
        scheduleId: 1,
        task: 'news',
        nominalAt: at('09:00:00'),
        startedAt: at('09:00:01'),
        endedAt: at('09:00:03'),
      }),
      runRow({
        id: 2,
        task: 'report',
        state: 'failed',
        reason: 'error',
        error: { name: 'TypeError', message: 'no', stack: 'at x', cause: { name: 'Error', message: 'why' } },
      }),
      runRow({
        id: 3,
        schedule: 'news-feed',
        scheduleId: 1,
        task: 'news',
        state: 'skipped',
        reason: 'overlap',
        detail: 'run 1 was still running',
        nominalAt: at('09:05:00'),
        lastNominalAt: at('09:10:00'),
        count: 2,
        startedAt: null,
        attempt: 0,
      }),
    ],
    sources: [sourceRow('news', { state: 'failing', reasons: ['3 bad in a row', 'refused: block page'] }, 42)],
  })

test('a list of runs has the agreed shape, newest first', async () => {
  const { status, body } = await get(newsApp(), '/api/v1/runs?schedule=news-feed&limit=1')
  assert.equal(status, 200)
  assert.equal(body.runs.length, 1)
  assert.deepEqual(body.runs[0], {
    id: 3,
    task: 'news',
    schedule: 'news-feed',
    root: null,
    state: 'skipped',
    reason: 'overlap',
    trigger: { kind: 'schedule' },
    nominalAt: '2026-11-22T09:05:00Z',
    createdAt: '2026-11-22T09:00:00Z',
    startedAt: null,
    endedAt: '2026-11-22T09:00:02Z',
    attempt: 0,
    lateMs: null,
    durationMs: null,
    memoryMb: null,
    units: { ok: 0, failed: 0 },
    error: null,
  })
  assert.equal(typeof body.next, 'string')
})

test('a cursor goes on where the page before ended, and the last page has none', async () => {
  const app = newsApp()
  const seen: number[] = []
  for (let next: string | null = ''; next !== null;) {
    const { body }: { body: Answer } = await get(app, `/api/v1/runs?limit=2&cursor=${next}`)
    seen.push(...body.runs.map((run: Answer) => run.id))
    next = body.next
  }
  assert.deepEqual(seen, [3, 2, 1])
})

test('runs are filtered by states, task, schedule and source', async () => {
  const app = newsApp()
  app.data.units = [
    {
      run: 1 as RunId,
      source: 'news',
      query: '',
      state: 'succeeded',
      verdict: 'ok',
      detail: null,
      attempt: 1,
      startedAt: at('09:00:01'),
      endedAt: at('09:00:03'),
      requests: 2,
      items: { ...noItems, seen: 5 },
    },
  ]
  const ids = async (query: string): Promise<number[]> =>
    (await get(app, `/api/v1/runs?${query}`)).body.runs.map((run: Answer) => run.id)
  assert.deepEqual(await ids('state=failed,skipped'), [3, 2])
  assert.deepEqual(await ids('task=news'), [3, 1])
  assert.deepEqual(await ids('schedule=news-feed&state=succeeded'), [1])
  assert.deepEqual(await ids('source=news'), [1])
  assert.deepEqual(await ids('task=nobody'), [])
})

test('one run tells everything of it: its lateness, attempts, units, input, result and error with stack and cause', async () => {
  const app = newsApp()
  app.data.attempts = [
    {
      run: 2 as RunId,
      attempt: 1,
      worker: 'w1',
      startedAt: at('09:00:00'),
      endedAt: at('09:00:02'),
      outcome: 'failed',
      reason: 'error',
      error: { name: 'TypeError', message: 'no' },
    },
  ]
  app.data.units = [
    {
      run: 2 as RunId,
      source: 'news',
      query: 'election',
      state: 'failed',
      verdict: 'refused',
      detail: 'block page',
      attempt: 1,
      startedAt: at('09:00:01'),
      endedAt: at('09:00:02'),
      requests: 3,
      items: noItems,
    },
  ]
  const { body } = await get(app, '/api/v1/runs/2')
  assert.deepEqual(body.error, {
    name: 'TypeError',
    message: 'no',
    stack: 'at x',
    cause: { name: 'Error', message: 'why' },
  })
  assert.deepEqual(
    body.attempts.map((one: Answer) => [one.attempt, one.worker, one.outcome, one.endedAt]),
    [[1, 'w1', 'failed', '2026-11-22T09:00:02Z']],
  )
  assert.deepEqual(
    body.units.list.map((one: Answer) => [one.source, one.query, one.verdict, one.detail]),
    [['news', 'election', 'refused', 'block page']],
  )
  assert.deepEqual([body.input, body.result, body.detail, body.count], [null, null, null, 1])

  const late = await get(app, '/api/v1/runs/1')
  assert.equal(late.body.lateMs, 1_000)
  assert.equal(late.body.durationMs, 2_000)

  const skipped = await get(app, '/api/v1/runs/3')
  assert.deepEqual(
    [skipped.body.detail, skipped.body.count, skipped.body.lastNominalAt],
    ['run 1 was still running', 2, '2026-11-22T09:10:00Z'],
  )
})

test('a schedule says when it is due next, and how its last run went', async () => {
  const { body } = await get(newsApp(), '/api/v1/schedules')
  assert.deepEqual(
    body.schedules.map((one: Answer) => [
      one.name,
      one.task,
      one.condition,
      one.timezone,
      one.paused,
      one.state,
      one.nextAt,
      one.lastRun?.id ?? null,
    ]),
    [
      ['news-feed', 'news', 'every 5 minutes', 'UTC', false, 'active', '2026-11-22T09:25:00Z', 3],
      ['report-daily', 'report', 'every 5 minutes', 'UTC', false, 'active', null, null],
    ],
  )
  assert.equal(body.next, null)
  const one = (await get(newsApp(), '/api/v1/schedules/news-feed')).body
  assert.equal(one.upcoming.length, 10)
  assert.deepEqual(one.policies, {
    graceMs: null,
    catchUp: { kind: 'latest' },
    overlap: { kind: 'skip' },
    jitterMs: 0,
    startAt: null,
    endAt: null,
    maxRuns: null,
    startWithinMs: null,
    stopWhen: null,
  })
  assert.deepEqual(
    (await get(newsApp(), '/api/v1/schedules?tag=press')).body.schedules.map((one: Answer) => one.name),
    ['news-feed'],
  )
})

test('schedules, sources and tasks are paged by name', async () => {
  const app = plainApp({
    schedules: ['c', 'a', 'b'].map((name, id) => scheduleRow({ id, name })),
    sources: ['c', 'a', 'b'].map(name => sourceRow(name)),
    tasks: ['c', 'a', 'b'].map(name => taskRow(name)),
  })
  for (const list of ['schedules', 'sources', 'tasks']) {
    const first = (await get(app, `/api/v1/${list}?limit=2`)).body
    assert.deepEqual(
      first[list].map((one: Answer) => one.name),
      ['a', 'b'],
    )
    const second = (await get(app, `/api/v1/${list}?limit=2&cursor=${first.next}`)).body
    assert.deepEqual([second[list].map((one: Answer) => one.name), second.next], [['c'], null])
  }
})

test('a source tells its health with reasons, its changes and its items', async () => {
  const app = newsApp()
  app.data.changes = [
    {
      subject: { kind: 'source', name: 'news' },
      from: 'healthy',
      to: 'failing',
      at: at('09:12:00'),
      run: 2 as RunId,
      reasons: ['3 bad in a row'],
    },
  ]
  app.data.items = ['a', 'b', 'c'].map(key => ({
    source: 'news',
    key,
    hash: key,
    data: { title: key },
    version: 1,
    firstSeenAt: at('08:00:00'),
    lastSeenAt: at('09:00:00'),
    changedAt: at('08:30:00'),
  }))
  const { body } = await get(app, '/api/v1/sources')
  assert.deepEqual(body, {
    sources: [
      {
        name: 'news',
        health: 'failing',
        since: '2026-11-22T08:00:00Z',
        reasons: ['3 bad in a row', 'refused: block page'],
        items: 42,
        lastGoodAt: '2026-11-22T09:15:02Z',
      },
    ],
    next: null,
  })
  const one = (await get(app, '/api/v1/sources/news')).body
  assert.deepEqual(
    one.changes.map((change: Answer) => [change.from, change.to, change.at, change.run]),
    [['healthy', 'failing', '2026-11-22T09:12:00Z', 2]],
  )
  const first = (await get(app, '/api/v1/sources/news/items?limit=2')).body
  const second = (await get(app, `/api/v1/sources/news/items?limit=2&cursor=${first.next}`)).body
  assert.deepEqual(
    [...first.items, ...second.items].map((item: Answer) => item.key),
    ['c', 'b', 'a'],
  )
  assert.equal(second.next, null)
})

test('the lines of a run are paged in order', async () => {
  const app = newsApp()
  app.data.lines = [1, 2, 3].map(seq => ({
    run: 1 as RunId,
    seq,
    at: at('09:00:01'),
    level: 'info',
    message: `line ${seq}`,
    fields: { page: seq },
  }))
  const first = (await get(app, '/api/v1/runs/1/logs?limit=2')).body
  assert.deepEqual(first.lines[0], {
    seq: 1,
    at: '2026-11-22T09:00:01Z',
    level: 'info',
    message: 'line 1',
    fields: { page: 1 },
  })
  const second = (await get(app, `/api/v1/runs/1/logs?limit=2&cursor=${first.next}`)).body
  assert.deepEqual([second.lines.map((line: Answer) => line.seq), second.next], [[3], null])
})

test('workers are listed, and whether they go on', async () => {
  const app = newsApp()
  app.data.workers = [workerRow({ runs: 2 }), workerRow({ worker: 'w2', state: 'silent', silentSince: at('09:20:00') })]
  const { body } = await get(app, '/api/v1/workers')
  const w1 = {
    worker: 'w1',
    host: 'lab',
    version: '0.1.0',
    startedAt: '2026-11-22T06:00:00Z',
    state: 'alive',
    silentSince: null,
    runs: 2,
    drained: null,
  }
  const w2 = { ...w1, worker: 'w2', state: 'silent', silentSince: '2026-11-22T09:20:00Z', runs: 0 }
  assert.deepEqual(body, { workers: [w1, w2], next: null })
  assert.deepEqual((await get(app, '/api/v1/status')).body.workers, [w1, w2])
})

test('a worker is drained and undrained', async () => {
  const app = newsApp()
  app.data.workers = [workerRow({ drained: { at: at('09:20:00'), by: 'api' } })]
  const { status, body } = await send(app, 'POST', '/api/v1/workers/w1/drain')
  assert.deepEqual([status, body.drained], [200, { at: '2026-11-22T09:20:00Z', by: 'api' }])
  await send(app, 'POST', '/api/v1/workers/w1/undrain')
  assert.deepEqual(app.asked, ['drain w1 by api', 'undrain w1 by api'])
})

test('the status says how the whole is doing', async () => {
  const { body } = await get(newsApp(), '/api/v1/status')
  assert.equal(body.now, '2026-11-22T09:20:30Z')
  assert.deepEqual(
    [body.version, body.timezoneData, body.problems, body.runs.failed, body.nextAt],
    ['0.1.0', '2026c', [], 1, '2026-11-22T09:25:00Z'],
  )
})

test('alive is not the same as able to work', async () => {
  const app = newsApp()
  assert.deepEqual((await get(app, '/readyz')).body, { ready: true, problems: [] })
  app.data.problems = ['the disk of the store is full']
  assert.deepEqual([(await get(app, '/healthz')).status, (await get(app, '/readyz')).status], [200, 503])
  assert.deepEqual((await get(app, '/readyz')).body, { ready: false, problems: ['the disk of the store is full'] })
  app.data.problems = []
  app.data.startedAt = null
  assert.equal((await get(app, '/readyz')).status, 503)
  app.status = () => Promise.reject(new Error('secret place'))
  assert.deepEqual((await get(app, '/readyz')).body, { ready: false, problems: ['its state cannot be read'] })
})

test('wanting a run makes one, and says where it is', async () => {
  const app = newsApp()
  const { status, body, headers } = await send(app, 'POST', '/api/v1/tasks/report/runs', {
    input: { day: '2026-11-22' },
  })
  assert.equal(status, 201)
  assert.equal(headers.get('location'), '/api/v1/runs/4')
  assert.deepEqual([body.id, body.task, body.state, body.trigger], [4, 'report', 'queued', { kind: 'hand', by: 'api' }])
  assert.deepEqual((await get(app, '/api/v1/runs/4')).body.input, { day: '2026-11-22' })
  assert.equal((await send(app, 'POST', '/api/v1/tasks/report/runs')).status, 201, 'a body is not needed')
})

test('a run is cancelled, and run again as a new one', async () => {
  const app = newsApp()
  app.data.runs.push(runRow({ id: 4, state: 'running', endedAt: null }))
  const cancelled = await send(app, 'POST', '/api/v1/runs/4/cancellations')
  assert.deepEqual([cancelled.status, cancelled.body.state], [202, 'running'])
  const over = await send(app, 'POST', '/api/v1/runs/2/cancellations')
  assert.deepEqual([over.status, over.body.code], [409, 'RUN_ALREADY_OVER'])
  const again = await send(app, 'POST', '/api/v1/runs/2/retries')
  assert.deepEqual(
    [again.status, again.headers.get('location'), again.body.trigger],
    [201, '/api/v1/runs/5', { kind: 'again', by: 'api', of: 2 }],
  )
  assert.deepEqual(app.asked, ['cancel 4 by api', 'cancel 2 by api', 'again 2 by api'])
})

test('queues are listed, paused with a reason and resumed; and so is everything', async () => {
  const app = newsApp()
  const pause = { at: app.data.now, by: 'ada', why: null, until: null }
  app.data.queues = [{ name: 'slow', running: 2, waiting: 5, concurrency: 2, paused: pause }]
  app.data.pauses = [{ queue: null, pause }]
  const told = { ...pause, at: '2026-11-22T09:20:30Z' }
  const list = await api(app).request('/api/v1/queues')
  assert.deepEqual(await list.json(), {
    queues: [{ name: 'slow', running: 2, waiting: 5, concurrency: 2, paused: told }],
  })
  const status = await api(app).request('/api/v1/status')
  assert.deepEqual(((await status.json()) as { paused: unknown }).paused, told)
  const paused = await send(app, 'POST', '/api/v1/queues/slow/pause', { why: 'it is down' })
  assert.deepEqual(paused.body, { at: '2026-11-22T09:20:30Z', by: 'api', why: 'it is down', until: null })
  const resumed = await send(app, 'POST', '/api/v1/queues/slow/resume')
  assert.deepEqual(resumed.body, { resumed: true })
  await send(app, 'POST', '/api/v1/pause')
  await send(app, 'POST', '/api/v1/resume')
  assert.deepEqual(app.asked, [
    'pause slow by api: it is down',
    'resume slow by api',
    'pause everything by api',
    'resume everything by api',
  ])
})

test('a schedule is created with its policies, paused with a reason, resumed and removed', async () => {
  const app = newsApp()
  const made = await send(app, 'POST', '/api/v1/schedules', {
    name: 'news night',
    task: 'news',
    condition: 'daily at 02:30',
    timezone: 'Europe/Berlin',
    overlap: { queueAll: 3 },
    grace: '10 minutes',
    tags: ['press'],
  })
  assert.equal(made.status, 201)
  assert.equal(made.headers.get('location'), '/api/v1/schedules/news%20night')
  const paused = await send(app, 'POST', '/api/v1/schedules/news-feed/pause', { why: 'the platform is down' })
  assert.deepEqual(
    [paused.body.paused, paused.body.state, paused.body.nextAt, paused.body.pause.why],
    [true, 'paused', null, 'the platform is down'],
  )
  const resumed = await send(app, 'POST', '/api/v1/schedules/news-feed/resume')
  assert.deepEqual([resumed.body.paused, resumed.body.pause], [false, null])
  const removed = await send(app, 'DELETE', '/api/v1/schedules/news-feed')
  assert.deepEqual([removed.status, removed.body.name], [200, 'news-feed'])
  assert.deepEqual(app.asked, [
    'create news night {"task":"news","timezone":"Europe/Berlin","tags":["press"],"grace":"10 minutes","overlap":{"queueAll":3},"when":"daily at 02:30"}',
    'pause news-feed by api because the platform is down',
    'resume news-feed by api',
    'remove news-feed by api',
  ])
})

test('what a page of the dashboard asks for is said to be by the dashboard', async () => {
  const app = newsApp()
  await api(app).request('/api/v1/runs/2/retries', { method: 'POST', headers: { 'sec-fetch-site': 'same-origin' } })
  assert.deepEqual(app.asked, ['again 2 by dashboard'])
})

const problems: readonly [what: string, method: string, path: string, status: number, code: string, hint?: string][] = [
  ['an unknown address', 'GET', '/api/v1/nothing', 404, 'ROUTE_UNKNOWN'],
  ['an address above the API', 'GET', '/', 404, 'ROUTE_UNKNOWN'],
  ['an unknown run', 'GET', '/api/v1/runs/99', 404, 'RUN_UNKNOWN'],
  ['a run that is no number', 'GET', '/api/v1/runs/constructor', 404, 'RUN_UNKNOWN'],
  ['a run beyond all numbers', 'GET', '/api/v1/runs/99999999999999999999', 404, 'RUN_UNKNOWN'],
  ['lines of an unknown run', 'GET', '/api/v1/runs/99/logs', 404, 'RUN_UNKNOWN'],
  ['an unknown schedule', 'GET', '/api/v1/schedules/none', 404, 'SCHEDULE_UNKNOWN'],
  ['a schedule named like a property', 'GET', '/api/v1/schedules/__proto__', 404, 'SCHEDULE_UNKNOWN'],
  ['an unknown source', 'GET', '/api/v1/sources/toString', 404, 'SOURCE_UNKNOWN'],
  ['items of an unknown source', 'GET', '/api/v1/sources/none/items', 404, 'SOURCE_UNKNOWN'],
  ['a task named like a property', 'POST', '/api/v1/tasks/constructor/runs', 404, 'TASK_UNKNOWN'],
  ['a task named like a path', 'POST', '/api/v1/tasks/..%2F..%2Fx/runs', 404, 'TASK_UNKNOWN'],
  ['a task named like a module', 'POST', '/api/v1/tasks/node:child_process/runs', 404, 'TASK_UNKNOWN'],
  ['a state with a slip', 'GET', '/api/v1/runs?state=faild', 422, 'OPTION_INVALID', 'failed'],
  ['a state that is a property', 'GET', '/api/v1/runs?state=__proto__', 422, 'OPTION_INVALID'],
  ['an unknown parameter with a slip', 'GET', '/api/v1/runs?sate=failed', 422, 'OPTION_INVALID', 'state'],
  ['an unknown parameter', 'GET', '/api/v1/runs?sort=__proto__', 422, 'OPTION_INVALID'],
  ['a parameter of another list', 'GET', '/api/v1/schedules?state=failed', 422, 'OPTION_INVALID'],
  ['a parameter where none is taken', 'GET', '/api/v1/status?days=99999', 422, 'OPTION_INVALID'],
  ['a page by number', 'GET', '/api/v1/runs?page=-1', 422, 'OPTION_INVALID', 'cursor'],
  ['a limit that is no number', 'GET', '/api/v1/runs?limit=many', 422, 'OPTION_INVALID'],
  ['a limit of Infinity', 'GET', '/api/v1/runs?limit=Infinity', 422, 'OPTION_INVALID'],
  ['a parameter twice', 'GET', '/api/v1/runs?state=failed&state=partial', 422, 'OPTION_INVALID'],
  ['a cursor of nothing', 'GET', '/api/v1/runs?cursor=abc', 400, 'CURSOR_INVALID'],
  [
    'a cursor of another list',
    'GET',
    `/api/v1/runs?cursor=${Buffer.from('["lines",3]').toString('base64url')}`,
    400,
    'CURSOR_INVALID',
  ],
  [
    'a cursor with a fraction',
    'GET',
    `/api/v1/runs?cursor=${Buffer.from('["runs",1.5]').toString('base64url')}`,
    400,
    'CURSOR_INVALID',
  ],
  ['an endless cursor', 'GET', `/api/v1/runs?cursor=${'a'.repeat(2_000)}`, 400, 'CURSOR_INVALID'],
]

for (const [what, method, path, status, code, hint] of problems) {
  test(`${what} is refused as a problem: ${status} ${code}`, async () => {
    const answer = method === 'GET' ? await get(newsApp(), path) : await send(newsApp(), method, path)
    assert.equal(answer.status, status)
    assert.match(answer.headers.get('content-type') ?? '', /^application\/problem\+json/)
    assert.deepEqual(
      [answer.body.type, answer.body.status, answer.body.code, typeof answer.body.title, typeof answer.body.detail],
      [`urn:rota:error:${code}`, status, code, 'string', 'string'],
    )
    assert.equal(answer.body.details?.hint, hint)
  })
}

test('a limit is brought between 1 and 200', async () => {
  const app = plainApp({ runs: Array.from({ length: 300 }, (_, i) => runRow({ id: i + 1 })) })
  const lengths = await Promise.all(
    ['1e9', '-5', '0', '99999999999', '7'].map(
      async limit => (await get(app, `/api/v1/runs?limit=${limit}`)).body.runs.length,
    ),
  )
  assert.deepEqual(lengths, [200, 1, 1, 200, 7])
})

test('GET changes nothing: what acts answers it with 405 and names its method', async () => {
  const app = newsApp()
  for (const [path, allow] of [
    ['/api/v1/tasks/news/runs', 'POST'],
    ['/api/v1/runs/2/retries', 'POST'],
    ['/api/v1/runs/2/cancellations', 'POST'],
    ['/api/v1/schedules/news-feed/pause', 'POST'],
    ['/api/v1/schedules/news-feed/resume', 'POST'],
  ] as const) {
    const { status, headers, body } = await get(app, path)
    assert.deepEqual([status, headers.get('allow'), body.code], [405, allow, 'METHOD_REFUSED'])
  }
  const both = await send(app, 'PUT', '/api/v1/schedules')
  assert.deepEqual([both.status, both.headers.get('allow')], [405, 'GET, HEAD, POST'])
  const one = await send(app, 'PATCH', '/api/v1/schedules/news-feed')
  assert.deepEqual([one.status, one.headers.get('allow')], [405, 'GET, HEAD, DELETE'])
  assert.equal((await send(app, 'DELETE', '/api/v1/runs/1')).status, 405)
  assert.deepEqual(app.asked, [])
})

test('a surprise is answered without saying what happened inside, and the log says it', async () => {
  const app = newsApp()
  app.runs.list = () => Promise.reject(new Error('SQLITE_ERROR at /secret/place'))
  const said: string[] = []
  const log = {
    debug() {},
    info() {},
    warn() {},
    error: (_message: string, fields?: object) => void said.push(JSON.stringify(fields)),
    child: () => log,
  }
  const response = await api(app, { log }).request('/api/v1/runs')
  const text = await response.text()
  assert.equal(response.status, 500)
  assert.equal(JSON.parse(text).code, 'INTERNAL')
  assert.doesNotMatch(text, /secret|SQLITE|stack/)
  assert.match(said.join(), /SQLITE_ERROR at \/secret\/place/)
})

test('foreign text goes through as data, byte for byte', async () => {
  const nasty = '<img src=x onerror=alert(1)></script>\u001B[2J\u202E'
  const app = plainApp({
    runs: [runRow({ id: 1, state: 'failed', reason: 'error', error: { name: nasty, message: nasty } })],
  })
  const response = await api(app).request('/api/v1/runs/1')
  assert.match(response.headers.get('content-type') ?? '', /^application\/json/)
  assert.equal(((await response.json()) as Answer).error.message, nasty)
})

test('what is listed when nothing is there is an empty list', async () => {
  const app = plainApp({ now: NOW })
  for (const list of ['runs', 'schedules', 'sources', 'tasks']) {
    assert.deepEqual((await get(app, `/api/v1/${list}`)).body, { [list]: [], next: null })
  }
})
