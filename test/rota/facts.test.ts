/** Conditions about facts in a whole app over a virtual clock: the decided cases, each by name. */

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { isRotaError } from '../../src/base/errors.ts'
import { formatInstant } from '../../src/base/instant.ts'
import { openSqliteStore } from '../../src/store/sqlite/store.ts'
import type { Store } from '../../src/store/store.ts'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'
import { begin, startedAt } from './world.ts'
import type { Its } from './world.ts'

describe('daily at 09:00 and after news succeeds', () => {
  const its: Its = { when: "daily at 09:00 and after 'news' succeeds" }

  test('news at 08:55: runs at 09:00', async () => {
    await using world = await begin(its)
    await world.at('08:55:00')
    await world.run('news')
    await world.at('10:30:00')
    assert.deepEqual(await world.told(), ['09:00 succeeded'])
    assert.deepEqual(await startedAt(world), ['09:00'])
  })

  test('news at 09:40: runs at 09:40, for 09:00', async () => {
    await using world = await begin(its)
    await world.at('09:30:00')
    assert.deepEqual(await world.told(), ['09:00 open condition'])
    await world.at('09:40:00')
    const news = await world.run('news')
    await world.at('10:30:00')
    assert.deepEqual(await world.told(), ['09:00 succeeded'])
    assert.deepEqual(await startedAt(world), ['09:40'])
    const [run] = await world.app.runs.list({ schedule: 'it', limit: 1 })
    assert.deepEqual(run?.trigger, { kind: 'event', run: null, parents: [news.id] })
  })

  test('news at 10:00 sharp: runs, for its grace is an hour', async () => {
    await using world = await begin(its)
    await world.at('10:00:00')
    await world.run('news')
    await world.at('10:30:00')
    assert.deepEqual(await world.told(), ['09:00 succeeded'])
  })

  test('news at 10:05: skipped, with what it waited for; the news count for the next day', async () => {
    await using world = await begin(its)
    await world.at('10:05:00')
    assert.deepEqual(await world.told(), ['09:00 skipped condition'])
    const [row] = await world.app.runs.list({ schedule: 'it', limit: 1 })
    assert.match(row?.detail ?? '', /`after 'news' succeeds` did not hold within its grace of 1h/)
    await world.run('news')
    await world.at('2026-01-06T09:01:00Z')
    assert.deepEqual(await world.told(), ['09:00 skipped condition', '09:00 succeeded'])
  })
})

test('every 5 minutes and db is running: db up at 10:03 runs 10:03 for 10:00, and 10:05', async () => {
  await using world = await begin({ when: "every 5 minutes and 'db' is running", anchor: '2026-01-05T00:00:00Z' })
  await world.at('10:03:00')
  const rows = await world.told()
  assert.equal(rows.at(-1), '10:00 open condition')
  assert.equal(rows.at(-2), '09:55 skipped condition')
  await world.run('db')
  await world.at('10:06:00')
  assert.deepEqual((await world.told()).slice(-2), ['10:00 succeeded', '10:05 succeeded'])
  assert.deepEqual((await startedAt(world)).slice(-2), ['10:03', '10:05'])
})

describe('after news succeeds', () => {
  test('runs at once, after each, and sees its result', async () => {
    const seen: unknown[] = []
    await using world = await begin(
      { when: "after 'news' succeeds", task: 'reader' },
      {
        before: app => {
          app.task('reader', async ({ trigger, parents }) => {
            seen.push(trigger, await parents())
          })
        },
      },
    )
    const news = await world.run('news')
    assert.deepEqual(await world.told(), ['08:00 succeeded'])
    assert.deepEqual(seen, [
      { kind: 'event', run: news.id, parents: [news.id] },
      [{ id: news.id, task: 'news', state: 'succeeded', result: { items: 3 } }],
    ])
    await world.clock.advance('1 minute')
    await world.run('news')
    assert.deepEqual(await world.told(), ['08:00 succeeded', '08:01 succeeded'])
  })

  test('and on weekdays: three on Saturday give one run on Monday 00:00, two coalesced', async () => {
    await using world = await begin(
      { when: "after 'news' succeeds and on weekdays" },
      { start: '2026-01-03T10:00:00Z' },
    )
    for (let i = 0; i < 3; i++) {
      await world.run('news')
      await world.clock.advance('1 minute')
    }
    assert.deepEqual(await world.told(), ['10:00 skipped coalesced', '10:01 skipped coalesced', '10:02 open condition'])
    await world.at('2026-01-05T00:00:00Z')
    await world.clock.advance('1 s')
    assert.deepEqual((await world.told()).at(-1), '10:02 succeeded')
    assert.deepEqual((await startedAt(world)).at(-1), '00:00')
  })

  test('while its follower runs: the follower runs once more', async () => {
    await using world = await begin({ when: "after 'news' succeeds" }, { lasts: '10 minutes' })
    await world.run('news')
    await world.clock.advance('1 minute')
    await world.run('news')
    await world.clock.advance('1 minute')
    await world.run('news')
    assert.deepEqual(await world.told(), ['08:00 running', '08:01 skipped coalesced', '08:02 open overlap'])
    await world.clock.advance('30 minutes')
    assert.deepEqual(await world.told(), ['08:00 succeeded', '08:01 skipped coalesced', '08:02 succeeded'])
  })

  test('does not run after a failure, nor after what was before it', async () => {
    await using world = await begin({ when: "after 'news' succeeds or after 'broken' fails" })
    await world.run('other')
    assert.deepEqual(await world.told(), [])
    await world.run('broken')
    assert.deepEqual(await world.told(), ['08:00 succeeded'])
  })

  test('over a pause: used, and counted', async () => {
    await using world = await begin({ when: "after 'news' succeeds" })
    await world.clock.during(world.app.schedules.pause('it', 'ada'))
    await world.run('news')
    await world.clock.advance('1 minute')
    await world.run('news')
    await world.clock.during(world.app.schedules.resume('it', 'ada'))
    await world.clock.advance('1 h')
    assert.deepEqual(await world.told(), ['08:00-08:01 ×2 skipped paused'])
  })

  test('survives a restart: what ended while nobody ran is there', async () => {
    const clock = new VirtualClock('2026-01-05T08:00:00Z')
    await using world = await begin({ when: "10 minutes after 'news' finishes" }, { clock })
    const first = await world.run('news')
    await world.clock.advance('5 minutes')
    assert.deepEqual(await world.told(), [])
    await world.clock.advance('6 minutes')
    assert.deepEqual(await world.told(), ['08:10 succeeded'])
    const [run] = await world.app.runs.list({ schedule: 'it', limit: 1 })
    assert.deepEqual(run?.trigger, { kind: 'event', run: first.id, parents: [first.id] })
  })
})

test('both of two: when the second has, with the newest of each as parents', async () => {
  await using world = await begin({ when: "after 'news' and 'other' succeed" })
  await world.run('news')
  const news = await world.run('news')
  assert.deepEqual(await world.told(), [])
  await world.clock.advance('1 minute')
  const other = await world.run('other')
  assert.deepEqual(await world.told(), ['08:01 succeeded'])
  const [run] = await world.app.runs.list({ schedule: 'it', limit: 1 })
  assert.deepEqual(run?.trigger, { kind: 'event', run: other.id, parents: [news.id, other.id] })
  await world.run('other')
  assert.deepEqual(await world.told(), ['08:01 succeeded'])
})

test('5 minutes after it finishes: from creation, then from each end', async () => {
  await using world = await begin({ when: '5 minutes after it finishes' }, { lasts: '2 minutes' })
  await world.clock.advance('20 minutes')
  assert.deepEqual(await world.told(), ['08:05 succeeded', '08:12 succeeded', '08:19 running'])
})

test('after me fails on me is refused: it would go round without end', async () => {
  await assert.rejects(begin({ when: "after 'work' fails" }), error => isRotaError(error, 'CONDITION_REFUSED'))
  await using world = await begin({ when: "every 5 minutes and 'work' has failed today" })
  await world.clock.advance('1 h')
})

test('a cycle over several schedules is refused where it has no delay', async () => {
  await using world = await begin({ when: "after 'news' succeeds", task: 'work' })
  const { app, clock } = world
  await assert.rejects(
    clock.during(app.schedules.create('back', { task: 'news', when: "after 'work' finishes" })),
    error => {
      assert.ok(isRotaError(error, 'CONDITION_REFUSED'))
      assert.match(error.message, /'news', then 'work', then 'news'/)
      return true
    },
  )
  await clock.during(app.schedules.create('later', { task: 'news', when: "10 minutes after 'work' finishes" }))
  const { sentences } = await clock.during(app.schedules.explain('later'))
  assert.equal(sentences.at(-1), "It goes round, with time between: 'news' leads to 'work', which leads to 'news'.")
})

test('a task that disappears later: what waits for it is kept, and says so', async () => {
  const store = await openSqliteStore({ path: ':memory:' })
  const kept = new Proxy(store, {
    get: (target, key: keyof Store) => (key === 'close' ? async () => {} : (target[key].bind(target) as unknown)),
  })
  await using _end = { [Symbol.asyncDispose]: () => store.close() }
  const clock = new VirtualClock('2026-01-05T08:00:00Z')
  {
    await using world = await begin({ when: 'daily' }, { store: kept, clock, before: app => app.task('gone', () => 1) })
    await clock.during(world.app.schedules.create('later', { task: 'work', when: "after 'gone' succeeds" }))
  }
  await using world = await begin({ when: 'daily' }, { store: kept, clock })
  const { sentences } = await clock.during(world.app.schedules.explain('later'))
  assert.equal(sentences[0], "Nothing named 'gone' is known here: what waits for it waits in vain.")
  const shown = await clock.during(world.app.schedules.list({ limit: 9 }))
  assert.deepEqual(
    shown.map(({ name, status }) => [name, status]),
    [
      ['it', 'active'],
      ['later', 'active'],
    ],
  )
})

test('a name that nobody knows is refused, with the nearest one', async () => {
  await using world = await begin({ when: 'daily' })
  const { app, clock } = world
  const refused: readonly (readonly [string, string, RegExp])[] = [
    ["after 'newz' succeeds", 'TASK_UNKNOWN', /Did you mean 'news'/],
    ["daily and 'nobody' is healthy", 'TASK_UNKNOWN', /no task or source 'nobody'/],
    ["daily and if 'disk is full'", 'PREDICATE_UNKNOWN', /disk is full/],
    ["daily and not on 'holidays'", 'CALENDAR_UNKNOWN', /holidays/],
  ]
  for (const [when, code, message] of refused) {
    await assert.rejects(clock.during(app.schedules.create('x', { task: 'work', when })), error => {
      assert.ok(error instanceof Error && 'code' in error)
      assert.equal(error.code, code)
      assert.match(error.message, message)
      return true
    })
  }
})

describe('stopWhen', () => {
  test('ends what runs once it holds, and starts nothing while it does', async () => {
    await using world = await begin({ when: 'hourly', stopWhen: 'after 10:30' }, { lasts: '45 minutes' })
    await world.at('12:10:00')
    assert.deepEqual(await world.told(), ['09:00 succeeded', '10:00 cancelled', '11:00-12:00 ×2 skipped condition'])
    const [, cancelled] = (await world.app.runs.list({ schedule: 'it', limit: 9 })).toSorted((a, b) => a.id - b.id)
    assert.equal(cancelled?.endedAt, Date.parse('2026-01-05T10:30:00Z'))
    assert.equal(cancelled?.cancelledBy, 'stopWhen')
  })

  test('holding already: nothing starts', async () => {
    await using world = await begin({ when: "after 'news' succeeds", stopWhen: "'broken' has failed today" })
    await world.run('broken')
    await world.run('news')
    assert.deepEqual(await world.told(), ['08:00 skipped condition'])
  })
})

test('startWithin: what waits longer for its start is skipped', async () => {
  await using world = await begin(
    { when: 'every 10 minutes', overlap: { allow: 5 }, startWithin: '12 minutes' },
    { lasts: '35 minutes', concurrency: 1 },
  )
  await world.clock.advance('40 minutes')
  assert.deepEqual(await world.told(), ['08:10 running', '08:20 skipped expired', '08:30 queued', '08:40 queued'])
})

describe('a custom predicate', () => {
  const its: Its = { when: "hourly and if 'disk is free'" }

  test('is asked only when all else holds, and again every 30 s while something waits for it', async () => {
    const asked: string[] = []
    let free = false
    const clock = new VirtualClock('2026-01-05T08:00:00Z')
    await using world = await begin(its, {
      clock,
      before: app =>
        app.predicate('disk is free', () => {
          asked.push(formatInstant(clock.now()).slice(11, 19))
          return free
        }),
    })
    await world.at('08:59:59')
    assert.deepEqual(asked, [])
    await world.at('09:01:10')
    assert.deepEqual(asked, ['09:00:00', '09:00:30', '09:01:00'])
    assert.deepEqual(await world.told(), ['09:00 open condition'])
    free = true
    await world.at('09:01:31')
    assert.deepEqual(await world.told(), ['09:00 succeeded'])
  })

  test('answers anew at once when it is said to have changed', async () => {
    let free = false
    await using world = await begin(its, { before: app => app.predicate('disk is free', () => free) })
    await world.at('09:00:10')
    free = true
    await world.clock.during(world.app.changed('disk is free'))
    await world.clock.settle()
    assert.deepEqual(await world.told(), ['09:00 succeeded'])
    assert.deepEqual(await startedAt(world), ['09:00'])
  })

  test('that throws or hangs is false, is told, and harms nothing else', async () => {
    const notices: string[] = []
    await using world = await begin(its, {
      before: app => {
        app.predicate('disk is free', () => new Promise<boolean>(() => {}), { timeout: '2 s' })
        app.predicate('throws', () => {
          throw new Error('cannot look')
        })
        app.schedule('other', { task: 'other', when: "hourly and if 'throws'" })
        app.schedule('plain', { task: 'other', when: 'hourly' })
        app.on(event => {
          if (event.kind === 'notice') notices.push(`${event.message}: ${String(event.fields['why'])}`)
        })
      },
    })
    await world.at('10:00:30')
    assert.deepEqual(await world.told(), ['09:00 skipped condition', '10:00 open condition'])
    const plain = await world.app.runs.list({ schedule: 'plain', limit: 9 })
    assert.deepEqual(
      plain.map(run => run.state),
      ['succeeded', 'succeeded'],
    )
    assert.ok(notices.some(notice => notice.includes('it did not answer within 2s')))
    assert.ok(notices.some(notice => notice.includes('cannot look')))
  })
})

describe('on start', () => {
  test('runs once for each start of an app', async () => {
    await using world = await begin({ when: 'on start' })
    await world.clock.advance('1 s')
    assert.deepEqual(await world.told(), ['08:00 succeeded'])
    await world.clock.advance('1 day')
    assert.deepEqual(await world.told(), ['08:00 succeeded'])
  })
})

test('a named set of dates is a window, and its change moves what is to come', async () => {
  await using world = await begin(
    { when: "daily at 09:00 and not on 'holidays'" },
    { before: app => app.calendar('holidays', ['2026-01-05', '2026-01-06']) },
  )
  await world.at('2026-01-07T10:00:00Z')
  assert.deepEqual(await world.told(), ['09:00 succeeded'])
  assert.deepEqual(await startedAt(world), ['09:00'])
  const [run] = await world.app.runs.list({ schedule: 'it', limit: 1 })
  assert.equal(run?.nominalAt, Date.parse('2026-01-07T09:00:00Z'))
})

test('counts are of the schedule zone, and hold until their period is over', async () => {
  await using world = await begin({
    when: "every 10 minutes and 'broken' has failed today fewer than 2 times",
    timezone: 'Europe/Berlin',
  })
  await world.clock.advance('11 minutes')
  await world.run('broken')
  await world.run('broken')
  await world.clock.advance('10 minutes')
  assert.equal((await world.told()).at(-1), '08:20 open condition')
  await world.at('23:01:00')
  assert.equal((await world.told()).at(-1), '23:00 succeeded')
})

test('{from: previous, to: nominal} is filled in for each run', async () => {
  const inputs: unknown[] = []
  await using world = await begin(
    { when: 'hourly', task: 'span', input: { from: '{previous}', to: '{nominal}', what: ['prices'] } },
    {
      before: app => {
        app.task('span', ({ input }) => {
          inputs.push(input)
        })
      },
    },
  )
  await world.at('10:01:00')
  assert.deepEqual(inputs, [
    { from: null, to: '2026-01-05T09:00:00Z', what: ['prices'] },
    { from: '2026-01-05T09:00:00Z', to: '2026-01-05T10:00:00Z', what: ['prices'] },
  ])
})

test('maxRuns counts neither skips nor runs by hand, also of events', async () => {
  await using world = await begin({ when: "after 'news' succeeds", maxRuns: 2 })
  for (let i = 0; i < 4; i++) {
    await world.run('news')
    await world.clock.advance('1 minute')
  }
  assert.deepEqual(await world.told(), ['08:00 succeeded', '08:01 succeeded'])
  assert.equal((await world.app.schedules.get('it')).status, 'ended')
})

describe('a set of dates from a file', () => {
  const withFile = async (text: string, use: (file: string) => Promise<void>): Promise<void> => {
    const folder = mkdtempSync(join(tmpdir(), 'rota-'))
    try {
      const file = join(folder, 'holidays.ics')
      writeFileSync(file, text)
      await use(file)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }

  test('is read at the start', async () => {
    const text =
      'BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20200105\r\nRRULE:FREQ=YEARLY\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n'
    await withFile(text, async file => {
      await using world = await begin(
        { when: "daily at 09:00 and not on 'holidays'" },
        { before: app => app.calendar('holidays', { file }) },
      )
      await world.at('2026-01-06T10:00:00Z')
      const rows = await world.app.runs.list({ schedule: 'it', limit: 9 })
      assert.deepEqual(
        rows.map(run => run.nominalAt),
        [Date.parse('2026-01-06T09:00:00Z')],
      )
    })
  })

  test('that cannot be read is refused with its name and line', async () => {
    await withFile('2026-01-05\nnever\n', async file => {
      const started = begin({ when: "daily and not on 'x'" }, { before: app => app.calendar('x', { file }) })
      await assert.rejects(started, error => {
        assert.ok(isRotaError(error, 'DATES_UNREADABLE'))
        assert.match(error.message, /holidays\.ics: .*line 2/)
        return true
      })
    })
  })
})
