import assert from 'node:assert/strict'
import test from 'node:test'
import { instant } from '../../src/base/instant.ts'
import type { RunId } from '../../src/base/name.ts'
import { duration } from '../../src/base/duration.ts'
import { pages } from '../../src/dashboard/pages.ts'
import { defaultPolicies } from '../../src/domain/schedule.ts'
import { at, NOW, plainApp, runRow, scheduleRow, sourceRow, taskRow, workerRow } from '../server/plain-app.ts'
import { open } from './read.ts'
import { busyScene, calmScene, emptyScene, LONG_NAME } from './scene.ts'

test('the overview says how all is in one sentence, and again in the title', async () => {
  const { lines } = await open(calmScene(), '/')
  assert.deepEqual(lines('h1'), ['All well: 4 schedules, the next run is news-feed in 12 s.'])
  assert.deepEqual(lines('title'), ['Rota: all well'])
  assert.match(lines('.hero p')[0] ?? '', /In the last 24 hours: \d+ succeeded · 1 cancelled/)
})

test('the overview tells what runs now, what comes next and what failed, failures of a kind as one', async () => {
  const { lines } = await open(busyScene(), '/')
  const [now, next, failed] = lines('.panel')
  assert.match(now ?? '', /news-feed 29 s running.*odds-board in 24 s retrying · attempt 2 of 3/)
  assert.match(next ?? '', /news-feed in 12 s 09:20:42 odds-board in 1 min 30 s/)
  assert.match(failed ?? '', /fixtures 27 s ago .*block page.* 5 times/)
})

test('what comes next has no instant at which only the scheduler looks, and names what others wait for', async () => {
  const app = busyScene()
  const condition = "daily at 09:00 and after 'fixtures' succeeds"
  // Its grace is over in a minute; it is due tomorrow.
  const nextAt = instant(NOW + 60_000)
  const waiting = scheduleRow({ id: 9, name: 'a-join', task: 'report', condition, nextAt })
  app.data.schedules = [waiting, ...app.data.schedules.filter(({ name }) => name === 'after-fixtures')]
  app.schedules.upcoming = () => [instant(NOW + 24 * 3_600_000)]
  const { lines } = await open(app, '/')
  const next = lines('.trio section:nth-child(2) li')
  assert.match(next[0] ?? '', /^a-join in 1 d/)
  assert.match(next[1] ?? '', /^after-fixtures after 'fixtures' succeeds$/)
  assert.match(lines('.schedules > li')[0] ?? '', /^a-join .* in 1 d/)
})

test('each schedule has its condition, its zone, its last run, its next time and its buttons', async () => {
  const { lines, $ } = await open(busyScene(), '/')
  const rows = lines('.schedules > li')
  assert.equal(rows.length, 8)
  const row = rows.find(row => row.startsWith('fixtures')) ?? ''
  assert.match(row, /every 5 minutes and not on 'holidays' Europe\/Berlin/)
  assert.match(row, /failed 27 s ago · 2\.5 s in 4 min 30 s 09:25:00 Run now Pause/)
  assert.match(
    rows.find(row => row.startsWith('video-search')) ?? '',
    /paused 1 h ago by api: the daily quota is used up/,
  )
  assert.match(rows.find(row => row.startsWith('after-fixtures')) ?? '', /has not run yet after 'fixtures' succeeds/)
  assert.match(rows.find(row => row.startsWith('season-2025')) ?? '', /ended nothing is to come Run now$/)
  assert.match(rows.find(row => row.startsWith(LONG_NAME)) ?? '', /2 min 10 s late/)
  assert.equal($('button[data-post="/api/v1/schedules/news-feed/pause"]').attr('aria-label'), 'Pause news-feed')
  assert.equal($('button[data-post="/api/v1/schedules/video-search/resume"]').length, 1)
  assert.equal($('button[data-run-now="news-feed"]').length, 1)
})

test('several workers are shown with what they do, and one that is silent or dead even if it is alone', async () => {
  const app = calmScene()
  assert.deepEqual((await open(app, '/')).lines('table tr'), [])
  app.data.workers = [
    workerRow({ worker: 'w1', runs: 3 }),
    workerRow({ worker: 'w2', state: 'silent', silentSince: at('09:20:00') }),
  ]
  const [w1, w2] = (await open(app, '/')).lines('table tbody tr')
  assert.match(w1 ?? '', /^w1 alive lab 0\.1\.0 .* ago 3$/)
  assert.match(w2 ?? '', /^w2 silent since 09:20:00 lab /)
  app.data.workers = [workerRow({ state: 'dead' })]
  assert.match((await open(app, '/')).lines('table tbody tr')[0] ?? '', /^w1 dead lab /)
})

test('a strip has a mark for each of the last 30 runs: a link, a shape and words; skips have their own with the reason', async () => {
  const app = busyScene()
  const { $ } = await open(app, '/')
  const strip = $('svg.strip[aria-label*="odds-board"]')
  const marks = strip.find('a.mark').toArray()
  assert.equal(marks.length, 30)
  assert.match(
    strip.attr('aria-label') ?? '',
    /^The last 30 runs of odds-board: 2\d succeeded, 2 skipped, .*1 retrying$/,
  )
  const skipped = strip.find('a.skipped').first()
  assert.match(
    skipped.attr('aria-label') ?? '',
    /^Run \d+: skipped \(overlap\) · 22 Nov 2026, 08:28:00 UTC · run \d+ was still running$/,
  )
  assert.equal(skipped.find('use').attr('href'), '#m-skipped')
  assert.match(skipped.attr('href') ?? '', /^\/runs\/\d+$/)
  assert.equal($('svg.strip a.mark use.late').length > 0, true, 'a late run wears a cap')
  const shapes = new Set(
    $('svg.strip a.mark')
      .toArray()
      .map(mark => $(mark).find('use').first().attr('href')),
  )
  for (const shape of shapes) assert.equal($(`symbol[id="${shape?.slice(1)}"]`).length, 1, `${shape} is drawn`)
})

test('a strip of few runs has them at its right end', async () => {
  const { $ } = await open(calmScene(), '/schedules/report-daily')
  assert.equal($('svg.strip use.none').length, 24)
  assert.equal($('svg.strip a.mark').length, 6)
  assert.equal($('svg.strip a.mark').last().find('rect').attr('x'), '290')
})

test('sources stand with the worst first, their reasons, their last good moment and their items', async () => {
  const { lines } = await open(busyScene(), '/')
  assert.deepEqual(lines('.sources h3'), ['fixtures', 'odds-board', 'video-search', 'news-feed'])
  assert.match(
    lines('.sources > li')[0] ?? '',
    /failing since 09:12:04 5 bad in a row, refused: block page: "Attention Required!" good 23 min ago 3,806 items/,
  )
})

test('more schedules than a page holds are a page further on, and all are counted', async () => {
  const schedules = Array.from({ length: 120 }, (_, i) =>
    scheduleRow({ id: i + 1, name: `s-${String(i).padStart(3, '0')}` }),
  )
  const app = plainApp({ schedules })
  const seen: string[] = []
  for (let path: string | undefined = '/'; path !== undefined;) {
    const { lines, $ } = await open(app, path)
    assert.match(lines('h1')[0] ?? '', /^All well: 120 schedules/)
    seen.push(...lines('.schedules h3'))
    path = $('.pager a').attr('href')
  }
  assert.deepEqual(
    seen,
    schedules.map(({ name }) => name),
  )
})

test('where nothing is there yet, the pages say what to type', async () => {
  const overview = await open(emptyScene(), '/')
  assert.match(
    overview.text,
    /^Nothing is scheduled yet\..*app\.schedule\('news', \{ task: 'fetch-news', when: 'every 5 minutes'/,
  )
  assert.match(overview.text, /rota next "every 5 minutes and between 09:00 and 17:00"/)
  const runs = await open(emptyScene(), '/runs')
  assert.match(runs.text, /Nothing has run yet\. Want a run of a task, now: rota run fetch-news/)
})

test('runs are listed newest first, filtered by what the address says', async () => {
  const app = busyScene()
  const all = await open(app, '/runs')
  assert.equal(all.lines('.runs tbody tr').length, 50)
  const failed = await open(app, '/runs?state=failed,partial&schedule=fixtures')
  assert.equal(failed.lines('.runs tbody tr').length, 6)
  assert.ok(failed.lines('.runs .is').every(words => /^(failed|partial)/.test(words)))
  assert.equal(failed.$('select[name="schedule"] option[selected]').attr('value'), 'fixtures')
  assert.equal(failed.$('input[name="state"]').attr('value'), 'failed,partial')
  const task = await open(app, '/runs?task=report&state=succeeded')
  assert.equal(task.lines('.chips [aria-current]').join(), 'succeeded')
  assert.match(task.$('.chips a').first().attr('href') ?? '', /^\/runs\?task=report$/)
  assert.match((await open(app, '/runs?task=nobody')).text, /No run is like this\. Show all runs/)
})

test('older runs are a page further on', async () => {
  const app = plainApp({ runs: Array.from({ length: 120 }, (_, i) => runRow({ id: i + 1, task: 'a' })) })
  const seen: string[] = []
  for (let path: string | undefined = '/runs?task=a'; path !== undefined;) {
    const { lines, $ } = await open(app, path)
    seen.push(...lines('.runs .id'))
    path = $('a[rel="next"]').attr('href')
  }
  assert.deepEqual(
    seen,
    Array.from({ length: 120 }, (_, i) => `#${120 - i}`),
  )
})

test('a filter with a slip is refused in words', async () => {
  for (const [path, words] of [
    ['/runs?state=faild', /Did you mean 'failed'\?/],
    ['/runs?state=__proto__', /There is no state '__proto__'/],
    ['/runs?before=x', /'x' is not the number of a run/],
  ] as const) {
    const { status, text } = await open(busyScene(), path)
    assert.equal(status, 422)
    assert.match(text, words)
  }
})

test('a run tells why it ran, when, how late, and what came of it', async () => {
  const app = busyScene()
  const failed = app.data.runs.findLast(run => run.schedule === 'fixtures' && run.state === 'failed')
  const { lines, $, text } = await open(app, `/runs/${failed?.id}`)
  assert.deepEqual(lines('h1'), [`#${failed?.id} fixtures`])
  assert.deepEqual(lines('.story'), [
    "fixtures was due at 09:20 UTC by every 5 minutes and not on 'holidays'. It started on time (40 ms after). It failed after 3 attempts: its handler threw.",
  ])
  assert.match(
    lines('.error .message')[0] ?? '',
    /^RotaError \(ANSWER_BROKEN\) fixtures-api\.example\.org answered with a block page/,
  )
  assert.match(lines('.error pre')[0] ?? '', /at judge \(file:/)
  assert.match(lines('.cause')[0] ?? '', /caused by HttpError HTTP 403 Forbidden/)
  assert.deepEqual(lines('[data-region="units"] tbody tr'), [
    'fixtures bundesliga failed refused block page: "Attention Required!" 0 0 0 0 3 610 ms',
    'fixtures premier-league partial truncated the source says 380 items, we have 240 240 12 31 1 6 1.8 s',
    'news-feed succeeded ok 40 2 0 0 1 410 ms',
  ])
  assert.equal(lines('[data-region="attempts"] tbody tr').length, 3)
  assert.deepEqual(lines('.log .level'), ['debug', 'info', 'warn', 'info', 'error', 'info'])
  assert.match(text, /asking for page 1 query=bundesliga url=https/)
  assert.equal($(`button[data-post="/api/v1/runs/${failed?.id}/retries"]`).length, 1)
  assert.equal($('body').attr('data-events'), undefined, 'what is over changes no more')
})

test('a run that is alive can be cancelled, and its page listens', async () => {
  const app = busyScene()
  const running = app.data.runs.find(run => run.schedule === 'news-feed' && run.state === 'running')
  const { $ } = await open(app, `/runs/${running?.id}`)
  assert.equal($(`button[data-post="/api/v1/runs/${running?.id}/cancellations"]`).length, 1)
  assert.equal($('body').attr('data-events'), `kind=run,log,progress&run=${running?.id}`)
  assert.match($('.head').text(), /3 of 10, <b>page 3<\/b>/)
})

const row = (change: Partial<Parameters<typeof runRow>[0]>): ReturnType<typeof runRow> =>
  runRow({ id: 7, schedule: 'feed', scheduleId: 1, nominalAt: at('09:00:00'), ...change })

const stories: readonly (readonly [what: string, run: ReturnType<typeof runRow>, story: string])[] = [
  [
    'one that is late',
    row({ startedAt: at('09:04:10') }),
    'feed was due at 09:00 UTC by every 5 minutes. It started 4 min 10 s late.',
  ],
  [
    'one that waits',
    row({ state: 'queued', startedAt: null, endedAt: null, attempt: 0 }),
    'feed was due at 09:00 UTC by every 5 minutes. It is 20 min late and has not started. It waits for a free place.',
  ],
  [
    'a skip',
    row({ state: 'skipped', reason: 'overlap', detail: 'run 6 was still running', startedAt: null, attempt: 0 }),
    'feed was due at 09:00 UTC by every 5 minutes. It was not executed: run 6 was still running.',
  ],
  [
    'merged skips',
    row({
      state: 'skipped',
      reason: 'paused',
      detail: null,
      count: 12,
      lastNominalAt: at('09:55:00'),
      startedAt: null,
      attempt: 0,
    }),
    'feed was due 12 times from 09:00 UTC to 09:55 UTC by every 5 minutes. They were not executed: the schedule was paused.',
  ],
  [
    'one by hand',
    runRow({ id: 7, trigger: { kind: 'hand', by: 'dashboard' }, createdAt: at('09:10:00') }),
    'Wanted by hand at 09:10 UTC, through the dashboard.',
  ],
  [
    'one run again',
    runRow({ id: 7, trigger: { kind: 'again', by: 'api', of: 5 as RunId }, createdAt: at('09:10:00') }),
    'Run #5 once again, wanted at 09:10 UTC through the API.',
  ],
  [
    'one that retries',
    row({
      state: 'retrying',
      attempt: 2,
      attemptsAllowed: 3,
      startedAt: at('09:00:00'),
      endedAt: null,
      retryAt: at('09:21:00'),
    }),
    'feed was due at 09:00 UTC by every 5 minutes. It started on time (0 ms after). Attempt 2 of 3 failed; the next one comes in 30 s.',
  ],
  [
    'one of a schedule that is gone',
    row({ schedule: 'gone', scheduleId: 99 }),
    'gone, which is gone since, was due at 09:00 UTC. It started on time (0 ms after).',
  ],
]

for (const [what, run, story] of stories) {
  test(`the story of ${what}: ${story}`, async () => {
    const app = plainApp({ runs: [run], schedules: [scheduleRow({ id: 1, name: 'feed' })] })
    assert.deepEqual((await open(app, '/runs/7')).lines('.story'), [story])
  })
}

test('lateness within the jitter of a schedule is none', async () => {
  const run = row({ startedAt: at('09:00:40') })
  const jitter = { ...defaultPolicies, jitter: duration(60_000) }
  const late = async (schedule: ReturnType<typeof scheduleRow>): Promise<number> => {
    const app = plainApp({ runs: [run], schedules: [schedule] })
    const counts = await Promise.all(
      ['/', '/runs', '/runs/7', '/schedules/feed'].map(async path => (await open(app, path)).$('.late').length),
    )
    return counts.reduce((sum, count) => sum + count)
  }
  assert.equal(await late(scheduleRow({ id: 1, name: 'feed', policies: jitter })), 0)
  assert.ok((await late(scheduleRow({ id: 1, name: 'feed' }))) >= 4)
})

test('of a long log the newest lines are shown, and all on request', async () => {
  const lines = Array.from({ length: 2_500 }, (_, i) => ({
    run: 7 as RunId,
    seq: i + 1,
    at: at('09:00:01'),
    level: 'info' as const,
    message: `line ${i + 1}`,
    fields: null,
  }))
  const app = plainApp({ runs: [runRow({ id: 7 })], lines })
  const page = await open(app, '/runs/7')
  assert.deepEqual([page.lines('.log li').length, page.lines('.log .message').at(-1)], [300, 'line 2500'])
  assert.match(page.text, /The newest 300 of 2,500 lines\. Show all/)
  assert.equal((await open(app, '/runs/7?lines=all')).lines('.log li').length, 2_500)
})

test('a source tells its health, its verdicts, its changes and its newest items', async () => {
  const { lines, $, text } = await open(busyScene(), '/sources/fixtures')
  assert.match(
    lines('.story')[0] ?? '',
    /^It is failing since 22 Nov 2026, 09:12:04: 5 bad in a row, refused: block page/,
  )
  assert.equal($('svg.verdicts').attr('aria-label'), '5 of the last 20 verdicts were bad')
  assert.equal($('svg.verdicts .bad').length, 5)
  assert.match(lines('.changes li')[0] ?? '', /^09:12:04 healthy ?→ ?failing 3 bad in a row/)
  assert.equal(lines('[data-region="items"] tbody tr').length, 4)
  assert.equal($('[data-region="items"] a').first().attr('href'), 'https://fixtures.example.org/match/88120')
  assert.match(text, /All runs of fixtures/)
})

test('a schedule tells its next times, its policies and its runs', async () => {
  const { lines, text } = await open(busyScene(), '/schedules/odds-board')
  assert.equal(lines('.times li').length, 10)
  assert.match(lines('.times li')[0] ?? '', /^22 Nov 2026, 09:22:00 ?in 1 min 30 s$/)
  assert.match(text, /Overlap up to 3 wait for the earlier run/)
  assert.match(text, /Jitter up to 10s/)
  assert.match(
    (await open(busyScene(), '/schedules/video-search')).text,
    /paused 1 h ago by api.*Nothing, while it is paused/,
  )
})

test('a schedule says why it is silent, part by part, and can be asked about the past in the address', async () => {
  const waiting = await open(busyScene(), '/schedules/after-fixtures')
  assert.match(
    waiting.lines('[data-region="why"] .said')[0] ?? '',
    /^It waits for after 'fixtures' succeeds \(last success 08:56:37, already used\)\.$/,
  )
  assert.match(waiting.lines('.tree li')[0] ?? '', /^✗ after 'fixtures' succeeds last success/)
  assert.match(waiting.text, /No time is set: it waits for after 'fixtures' succeeds\./)
  const { $ } = waiting
  assert.equal($('.ask').attr('method'), 'get')
  assert.equal($('.ask').attr('action'), '/schedules/after-fixtures')
  assert.equal($('.tree .holds').first().attr('aria-label'), 'Does not hold:')

  const past = await open(busyScene(), '/schedules/odds-board?at=2026-11-22T09:04')
  assert.match(past.lines('[data-region="why"] .said')[0] ?? '', /^09:04: run \d+ succeeded/)
  assert.equal(past.$('.ask input').attr('value'), '2026-11-22T09:04')
  assert.match(past.$('[data-region="why"] .said a').first().attr('href') ?? '', /^\/runs\/\d+$/)

  const wrong = await open(busyScene(), '/schedules/odds-board?at=sunday')
  assert.match(wrong.lines('[data-region="why"] .trouble')[0] ?? '', /'sunday' is not an instant; write it like/)
  assert.equal(wrong.$('.ask input').attr('aria-invalid'), 'true')
  assert.match((await open(busyScene(), '/schedules/odds-board?at=2027-01-01')).text, /is to come/)
})

test('a run shows the condition as it stood at its time, and leads to its schedule then', async () => {
  const app = busyScene()
  const run = app.data.runs.findLast(({ schedule }) => schedule === 'odds-board')
  const { lines, $ } = await open(app, `/runs/${run?.id}`)
  assert.match(lines('.tree li')[0] ?? '', /^✓ every 2 minutes and between 07:00 and 23:00/)
  assert.match($('[data-region="why"] a').attr('href') ?? '', /^\/schedules\/odds-board\?at=2026-11-22T/)
  const byHand = app.data.runs.find(({ trigger }) => trigger.kind === 'hand')
  assert.equal((await open(app, `/runs/${byHand?.id}`)).lines('.tree li').length, 0)
})

test('times are right without scripts: UTC in text, the instant beside it', async () => {
  const { $ } = await open(busyScene(), '/')
  const times = $('time').toArray()
  assert.ok(times.length > 30)
  for (const time of times) {
    const { datetime = '', title = '' } = time.attribs
    assert.match(datetime, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z$/)
    assert.match(title, / UTC$/)
  }
})

test('what is not there is said, with a way back', async () => {
  for (const [path, words] of [
    ['/nowhere', /There is no such page/],
    ['/runs/99999', /There is no run 99999/],
    ['/runs/abc', /'abc' is not the number of a run/],
    ['/runs/1e3', /'1e3' is not the number of a run/],
    ['/schedules/__proto__', /There is no schedule '__proto__'/],
    ['/sources/..%2F..%2Fetc%2Fpasswd', /There is no source '\.\.\/\.\.\/etc\/passwd'/],
    ['/assets/..%2Fpages.ts', /There is no such page/],
    ['/assets/__proto__', /There is no such page/],
  ] as const) {
    const { status, text, $ } = await open(busyScene(), path)
    assert.equal(status, 404, path)
    assert.match(text, words)
    assert.equal($('main a[href="/"]').length, 1)
  }
})

test('pages are only read: whatever would change something is refused', async () => {
  const app = busyScene()
  for (const method of ['POST', 'PUT', 'DELETE', 'PATCH']) {
    const response = await pages(app).request('/runs', { method })
    assert.deepEqual([response.status, response.headers.get('allow')], [405, 'GET, HEAD'])
  }
  assert.deepEqual(app.asked, [])
})

test('a surprise is a page that says nothing of the inside, and a line in the log', async () => {
  const app = busyScene()
  app.runs.list = () => Promise.reject(new Error('SQLITE_ERROR in /secret/place'))
  const said: string[] = []
  const log = {
    debug() {},
    info() {},
    warn() {},
    error: (_: string, fields?: object) => void said.push(JSON.stringify(fields)),
    child: () => log,
  }
  const response = await pages(app, { log }).request('/runs')
  const text = await response.text()
  assert.equal(response.status, 500)
  assert.match(text, /Something went wrong inside Rota/)
  assert.doesNotMatch(text, /secret|SQLITE/)
  assert.match(said.join(), /SQLITE_ERROR/)
  app.status = () => Promise.reject(new Error('nothing works'))
  assert.equal((await pages(app).request('/')).status, 500)
})

test('assets have their type and a tag, and are not sent twice', async () => {
  const hono = pages(emptyScene())
  for (const [name, type] of [
    ['rota.css', 'text/css; charset=utf-8'],
    ['page.js', 'text/javascript; charset=utf-8'],
    ['theme.js', 'text/javascript; charset=utf-8'],
    ['rota.svg', 'image/svg+xml'],
  ] as const) {
    const first = await hono.request(`/assets/${name}`)
    assert.deepEqual([first.status, first.headers.get('content-type')], [200, type])
    const tag = first.headers.get('etag') ?? ''
    const second = await hono.request(`/assets/${name}`, { headers: { 'if-none-match': `W/${tag}, "other"` } })
    assert.deepEqual([second.status, await second.text()], [304, ''])
    assert.equal((await hono.request(`/assets/${name}`, { headers: { 'if-none-match': '"other"' } })).status, 200)
  }
})

test('every asset that a page or an asset names is there', async () => {
  const hono = pages(emptyScene())
  const { $ } = await open(emptyScene(), '/')
  const named = [
    '/assets/page.js',
    ...$('link[href], script[src]')
      .toArray()
      .map(element => element.attribs['href'] ?? element.attribs['src'] ?? ''),
  ]
  const found = new Set(named)
  for (const path of found) {
    const response = await hono.request(path)
    assert.equal(response.status, 200, path)
    for (const [, other] of (await response.text()).matchAll(/from '\.\/([\w-]+\.js)'/g)) found.add(`/assets/${other}`)
  }
  assert.equal(found.size, 9)
})

test('a run that waits since long before now, or far in the future, is told without breaking', async () => {
  const app = plainApp({
    runs: [
      runRow({
        id: 7,
        createdAt: instant(0),
        startedAt: null,
        endedAt: null,
        state: 'queued',
        nominalAt: instant(NOW + 400 * 86_400_000),
      }),
    ],
    tasks: [taskRow('news')],
    sources: [sourceRow('a', { since: instant(0) })],
  })
  assert.match((await open(app, '/runs/7')).text, /27 Dec 2027/)
  assert.match((await open(app, '/')).text, /since 1 Jan 1970, 00:00/)
})
