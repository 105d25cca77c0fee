import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { duration } from '../../src/base/duration.ts'
import { formatInstant, instant, parseInstant } from '../../src/base/instant.ts'
import type { Instant } from '../../src/base/instant.ts'
import { explain } from '../../src/when/explain.ts'
import type { Facts, RunFact } from '../../src/when/facts.ts'
import { holds, judged, wakes } from '../../src/when/judge.ts'
import type { Opportunity, Undecided } from '../../src/when/judge.ts'
import { parse } from '../../src/when/parse.ts'

const HOUR = 3_600_000

/** A Sunday. All times below are of this day unless they say another. */
const at = (time: string, date = '2026-11-22'): Instant => parseInstant(`${date}T${time}:00Z`)

const noFacts: Facts = {
  anchor: at('00:00'),
  since: at('00:00', '2026-11-01'),
  decidedAt: null,
  lastEnd: null,
  runs: [],
  health: {},
  predicates: {},
  starts: [],
}

const run = (id: number, task: string, end: Instant | null, outcome: RunFact['outcome'] = 'succeeded'): RunFact => ({
  id,
  task,
  startedAt: instant((end ?? at('10:00')) - 60_000),
  endedAt: end,
  outcome: end === null ? null : outcome,
})

const since = (mark: Instant, graceMs = HOUR): Undecided => ({ mark, grace: duration(graceMs) })

const ask = (
  text: string,
  now: Instant,
  facts: Partial<Facts> = {},
  undecided = since(at('00:00')),
): Opportunity | null => holds(judged(parse(text), 'UTC'), now, { ...noFacts, ...facts }, undecided)

describe('a moment that waits for an event', () => {
  const text = "daily at 09:00 and after 'news' succeeds"

  test('finds an earlier event unused, and runs at once', () => {
    const runs = [run(7, 'news', at('08:55'))]
    assert.equal(ask(text, at('08:59'), { runs }), null)
    assert.deepEqual(ask(text, at('09:00'), { runs }), { clause: 0, nominal: at('09:00'), run: null, parents: [7] })
  })

  test('runs when the event comes within the grace', () => {
    assert.equal(ask(text, at('09:39')), null)
    const runs = [run(7, 'news', at('09:40'))]
    assert.equal(ask(text, at('09:40'), { runs })?.nominal, at('09:00'))
  })

  test('is over when the event comes later', () => {
    assert.equal(ask(text, at('10:05'), { runs: [run(7, 'news', at('10:05'))] }), null)
  })

  test('does not take an event that is used, or older than the schedule', () => {
    const runs = [run(7, 'news', at('08:55'))]
    assert.equal(ask(text, at('09:00'), { runs, decidedAt: at('08:55') }), null)
    assert.equal(ask(text, at('09:00'), { runs, since: at('08:55') }), null)
    assert.notEqual(ask(text, at('09:00'), { runs, decidedAt: at('08:54'), since: at('08:54') }), null)
  })

  test('wakes at the moment, and for the event only while the moment is open', () => {
    const condition = judged(parse(text), 'UTC')
    assert.deepEqual(wakes(condition, at('08:00'), noFacts, since(at('00:00'))), { at: at('09:00'), events: [] })
    assert.deepEqual(wakes(condition, at('09:10'), noFacts, since(at('00:00'))), {
      at: at('09:00', '2026-11-23'),
      events: [{ kind: 'run ends', task: 'news' }],
    })
  })
})

test('a moment that waits for a state runs when it comes true, and the next one by itself', () => {
  const text = "every 5 minutes and 'db' is running"
  const db = { ...run(3, 'db', null), startedAt: at('10:03') }
  const five = 300_000
  assert.equal(ask(text, at('10:02'), {}, since(at('09:55'), five)), null)
  assert.equal(ask(text, at('10:03'), { runs: [db] }, since(at('09:55'), five))?.nominal, at('10:00'))
  assert.equal(ask(text, at('10:04'), { runs: [db] }, since(at('10:00'), five)), null)
  assert.equal(ask(text, at('10:05'), { runs: [db] }, since(at('10:00'), five))?.nominal, at('10:05'))
})

describe('a clause of events', () => {
  test('outside its windows waits for their opening, the newest alone', () => {
    const text = "after 'news' succeeds and on weekdays"
    const runs = [
      run(1, 'news', at('10:00', '2026-11-21')),
      run(2, 'news', at('12:00', '2026-11-21')),
      run(3, 'news', at('11:00', '2026-11-21')),
    ]
    const saturday = at('13:00', '2026-11-21')
    assert.equal(ask(text, saturday, { runs }), null)
    const monday = at('00:00', '2026-11-23')
    assert.deepEqual(wakes(judged(parse(text), 'UTC'), saturday, { ...noFacts, runs }, since(saturday)), {
      at: monday,
      events: [{ kind: 'run ends', task: 'news' }],
    })
    assert.deepEqual(ask(text, monday, { runs }, since(saturday)), {
      clause: 0,
      nominal: at('12:00', '2026-11-21'),
      run: 2,
      parents: [2],
    })
  })

  test('needs all of them, is named by the one that completed it, and has the newest of each as parents', () => {
    const text = "after 'a' and 'b' succeed"
    const runs = [run(1, 'a', at('08:00')), run(2, 'a', at('08:30'))]
    assert.equal(ask(text, at('09:00'), { runs }), null)
    assert.deepEqual(ask(text, at('09:10'), { runs: [...runs, run(3, 'b', at('09:10'))] }), {
      clause: 0,
      nominal: at('09:10'),
      run: 3,
      parents: [2, 3],
    })
  })

  test('counts outcomes that are terminal, and no others', () => {
    const outcomes = ['succeeded', 'partial', 'failed', 'cancelled', 'skipped'] as const
    const expected = {
      "after 'x' succeeds": ['succeeded'],
      "after 'x' fails": ['failed'],
      "after 'x' is partial": ['partial'],
      "after 'x' finishes": ['succeeded', 'partial', 'failed'],
    }
    for (const [text, matching] of Object.entries(expected)) {
      const found = outcomes.filter(
        outcome => ask(text, at('10:00'), { runs: [run(1, 'x', at('09:00'), outcome)] }) !== null,
      )
      assert.deepEqual(found, matching, text)
    }
    assert.equal(ask("after 'x' finishes", at('10:00'), { runs: [run(1, 'x', null)] }), null)
  })

  test('has no grace: it waits for ever', () => {
    const runs = [run(1, 'x', at('00:00', '2026-11-02'))]
    assert.equal(ask("after 'x' succeeds", at('10:00'), { runs }, since(at('09:00'), 0))?.run, 1)
  })

  test('with a delay is due so long after the end, and only what is due coalesces', () => {
    const text = "10 minutes after 'x' finishes"
    const runs = [run(1, 'x', at('09:00')), run(2, 'x', at('09:05'))]
    assert.equal(ask(text, at('09:09'), { runs }), null)
    assert.deepEqual(ask(text, at('09:10'), { runs }), { clause: 0, nominal: at('09:10'), run: 1, parents: [1] })
    // The decision at 09:10 used the first. The second had ended by then and was not due.
    assert.equal(ask(text, at('09:14'), { runs, decidedAt: at('09:10') }), null)
    assert.equal(ask(text, at('09:15'), { runs, decidedAt: at('09:10') })?.run, 2)
    assert.equal(
      wakes(judged(parse(text), 'UTC'), at('09:12'), { ...noFacts, runs, decidedAt: at('09:10') }, since(at('09:10')))
        .at,
      at('09:15'),
    )
  })

  test('of its own counts from creation, then from the end of its last opportunity', () => {
    const text = '5 minutes after it finishes'
    const fresh = { since: at('09:00') }
    assert.equal(ask(text, at('09:04'), fresh), null)
    assert.deepEqual(ask(text, at('09:05'), fresh), { clause: 0, nominal: at('09:05'), run: null, parents: [] })
    assert.equal(ask(text, at('09:30'), { ...fresh, decidedAt: at('09:05'), lastEnd: 'unfinished' }), null)
    assert.equal(
      ask(text, at('09:35'), { ...fresh, decidedAt: at('09:05'), lastEnd: at('09:30') })?.nominal,
      at('09:35'),
    )
  })
})

describe('clauses', () => {
  test('the first that holds decides', () => {
    const text = "hourly and 'x' is running or daily at 09:00"
    assert.equal(ask(text, at('09:00'))?.clause, 1)
    assert.equal(
      ask(text, at('09:00'), { runs: [run(1, 'x', null)].map(each => ({ ...each, startedAt: at('08:00') })) })?.clause,
      0,
    )
  })

  test('what is decided does not hold again', () => {
    assert.equal(ask('hourly', at('09:30'))?.nominal, at('09:00'))
    assert.equal(ask('hourly', at('09:30'), {}, since(at('09:00'))), null)
  })

  test('a start of the app is one opportunity, where the windows contain it', () => {
    const starts = [at('08:00'), at('09:00')]
    assert.deepEqual(ask('on start', at('09:01'), { starts }), {
      clause: 0,
      nominal: at('09:00'),
      run: null,
      parents: [],
    })
    assert.equal(ask('on start', at('09:01'), { starts }, since(at('09:00'))), null)
    assert.equal(ask('on start and before 08:30', at('08:40'), { starts: [at('08:00')] })?.nominal, at('08:00'))
    assert.equal(ask('on start and after 08:30', at('08:40'), { starts: [at('08:00')] }), null)
  })

  test('a named set of dates is a window', () => {
    const sets = { holidays: ['2026-12-25', '2026-12-26', 'nonsense'] }
    const off = judged(parse("daily at 09:00 and not on 'holidays'"), 'UTC', sets)
    const asked = (date: string): boolean => holds(off, at('09:00', date), noFacts, since(at('00:00', date))) !== null
    assert.deepEqual(['2026-12-24', '2026-12-25', '2026-12-26', '2026-12-27'].map(asked), [true, false, false, true])
    const on = judged(parse("daily at 09:00 and on 'holidays'"), 'UTC', sets)
    assert.equal(wakes(on, at('09:00'), noFacts, since(at('09:00'))).at, at('09:00', '2026-12-25'))
  })
})

describe('states', () => {
  const monday = '2026-11-23'
  const runs = [
    run(1, 'x', at('23:30', '2026-11-21'), 'failed'),
    run(2, 'x', at('08:30'), 'failed'),
    run(3, 'x', at('09:15'), 'failed'),
    run(4, 'x', at('09:20'), 'succeeded'),
    run(5, 'x', at('09:25'), 'skipped'),
    run(6, 'x', at('09:26'), 'cancelled'),
  ]
  const verdicts: Readonly<Record<string, boolean>> = {
    "'x' has failed": true,
    "'x' has failed at least 3 times": true,
    "'x' has failed today at least 3 times": false,
    "'x' has failed today exactly 2 times": true,
    "'x' has failed this hour exactly 1 time": true,
    "'x' has failed this week exactly 3 times": true,
    "'x' has failed this month more than 2 times": true,
    "'x' has failed in the last 1 hour exactly 1 time": true,
    "'x' has failed in the last 2 hours exactly 2 times": true,
    "'x' has succeeded today": true,
    "'x' has not succeeded today": false,
    "'x' has finished today exactly 3 times": true,
    "'x' has started today exactly 5 times": true,
    "'x' has been skipped today": true,
    "'x' has failed today fewer than 2 times": false,
    "'y' has failed fewer than 1 time": true,
    "'constructor' has failed": false,
    "'x' is running": false,
    "'x' is healthy": false,
    "'x' is degraded": true,
    "'y' is not healthy": true,
    "'constructor' is healthy": false,
    "if 'free'": true,
    "not if 'full'": true,
    "if 'unknown'": false,
    "if 'constructor'": false,
  }
  for (const [text, expected] of Object.entries(verdicts)) {
    test(`${text}: ${expected ? 'holds' : 'does not hold'}`, () => {
      const facts = { runs, health: { x: 'degraded' as const }, predicates: { free: true, full: false } }
      assert.equal(ask(`every minute and ${text}`, at('09:40'), facts) !== null, expected)
    })
  }

  test('count in the zone of the schedule', () => {
    const condition = judged(parse("every minute and 'x' has failed today exactly 3 times"), 'Europe/Berlin')
    // 23:30 UTC of the 21st is 00:30 of the 22nd there.
    assert.notEqual(holds(condition, at('09:40'), { ...noFacts, runs }, since(at('00:00'))), null)
  })

  test('count a run at the first instant of a period, and no longer when it leaves the last hours', () => {
    const midnight = [run(1, 'x', at('00:00'), 'failed')]
    const fails = (text: string, now: Instant): boolean =>
      ask(`every minute and ${text}`, now, { runs: midnight }) !== null
    assert.equal(fails("'x' has failed today", at('09:00')), true)
    assert.equal(fails("'x' has failed this hour", at('00:30')), true)
    assert.equal(fails("'x' has failed in the last 2 hours", at('01:59')), true)
    assert.equal(fails("'x' has failed in the last 2 hours", at('02:00')), false)
  })

  test('change when a period ends, or a run leaves it', () => {
    const next = (text: string): Instant | null =>
      wakes(judged(parse(`after 'y' fails and ${text}`), 'UTC'), at('09:40'), { ...noFacts, runs }, since(at('00:00')))
        .at
    assert.equal(next("'x' has failed today"), at('00:00', monday))
    assert.equal(next("'x' has failed this hour"), at('10:00'))
    assert.equal(next("'x' has failed this week"), at('00:00', monday))
    assert.equal(next("'x' has failed this month"), at('00:00', '2026-12-01'))
    assert.equal(next("'x' has failed in the last 2 hours"), at('10:30'))
    assert.equal(next("'x' has failed"), null)
  })
})

describe('explanations', () => {
  const lines = (
    text: string,
    now: Instant,
    facts: Partial<Facts> = {},
    undecided = since(at('00:00')),
  ): readonly string[] =>
    explain(judged(parse(text), 'Europe/Berlin'), now, { ...noFacts, ...facts }, undecided).clauses.flatMap(clause =>
      clause.parts.map(part => {
        const changes = part.changesAt === null ? '' : ` until ${formatInstant(part.changesAt)}`
        return `${part.holds ? 'yes' : 'no'}: ${part.text}: ${part.reason}${changes}`
      }),
    )

  test('say of each part whether it holds, why, and when that can change', () => {
    assert.deepEqual(lines("daily at 10:00 and on weekends and 'x' has failed today", at('09:10')), [
      'yes: daily at 10:00: due since 10:00 until 2026-11-23T09:00:00Z',
      'yes: on Saturday and Sunday: 10:00 is inside; open until Monday 00:00, in 13 h 50 min until 2026-11-22T23:00:00Z',
      "no: 'x' has failed today: 'x' has failed 0 times today until 2026-11-22T23:00:00Z",
    ])
  })

  test('show the window that keeps a moment from being one', () => {
    assert.deepEqual(lines('hourly and not on weekends', at('09:10')), [
      'yes: hourly: due since 10:00 until 2026-11-22T10:00:00Z',
      'no: not on Saturday and Sunday: 10:00 is outside; next opens Monday 00:00, in 13 h 50 min until 2026-11-22T23:00:00Z',
    ])
  })

  test('tell what is decided from what is over', () => {
    assert.deepEqual(lines('daily at 10:00', at('09:10'), {}, since(at('09:00'))), [
      'no: daily at 10:00: 10:00 is decided; next Monday 10:00, in 23 h 50 min until 2026-11-23T09:00:00Z',
    ])
    assert.deepEqual(lines('daily at 10:00', at('12:00')), [
      'no: daily at 10:00: the grace of 10:00 is over; next Monday 10:00, in 21 h until 2026-11-23T09:00:00Z',
    ])
    assert.deepEqual(lines('at 2026-12-01T10:00', at('12:00')), [
      'no: at 2026-12-01T10:00: next 2026-12-01 10:00, in 8 d 21 h until 2026-12-01T09:00:00Z',
    ])
  })

  test('name the run that made an event true', () => {
    assert.deepEqual(
      lines("after 'x' fails and 10 minutes after 'y' finishes", at('09:10'), {
        runs: [run(4, 'x', at('09:00'), 'failed'), run(5, 'y', at('09:05'))],
      }),
      [
        "yes: after 'x' fails: run 4 of 'x' made it true 10:00",
        "no: 10 minutes after 'y' finishes: due 10:15, in 5 min until 2026-11-22T09:15:00Z",
      ],
    )
  })

  test('say what used the last end of a task, and when a window opens', () => {
    const x = run(4, 'x', at('08:00'))
    const ends = [
      { ...x, usedBy: null },
      { ...run(6, 'x', at('09:03', '2026-11-20')), usedBy: 'run 5' },
    ]
    assert.deepEqual(lines("after 'x' succeeds and on weekdays", at('09:10'), { unused: [], ends }), [
      "no: after 'x' succeeds: last success 09:00, already used",
      'no: on weekdays: closed, next opens Monday 00:00, in 13 h 50 min until 2026-11-22T23:00:00Z',
    ])
    const used = [{ ...x, usedBy: 'run 1042' }]
    assert.deepEqual(lines("after 'x' succeeds", at('09:10'), { unused: [], ends: used }), [
      "no: after 'x' succeeds: last success 09:00, already used by run 1042",
    ])
    assert.deepEqual(lines("after 'x' fails", at('09:10'), { unused: [], ends: used }), [
      "no: after 'x' fails: no failure of 'x' yet",
    ])
    const since = at('08:30')
    assert.deepEqual(lines("after 'x' succeeds", at('09:10'), { unused: [], ends, since }), [
      "no: after 'x' succeeds: last success 09:00, before this schedule was made or edited",
    ])
  })

  test('leave open what is not known of the past', () => {
    const { clauses } = explain(
      judged(parse("hourly and 'x' is healthy or hourly and 'x' is running and if 'free'"), 'UTC'),
      at('09:00'),
      noFacts,
      since(at('08:59')),
      true,
    )
    assert.deepEqual(
      clauses.map(clause => [clause.holds, ...clause.parts.map(part => part.holds)]),
      [
        [null, true, null],
        [false, true, false, null],
      ],
    )
  })

  test('hold as a whole what the parts hold together', () => {
    const explained = explain(
      judged(parse("hourly and 'x' is running or daily"), 'UTC'),
      at('09:10'),
      noFacts,
      since(at('00:00')),
    )
    assert.equal(explained.holds, null)
    assert.deepEqual(
      explained.clauses.map(clause => [clause.text, clause.holds]),
      [
        ["hourly and 'x' is running", false],
        ['daily', false],
      ],
    )
    assert.equal(explained.wakes.at, at('10:00'))
  })
})

describe('periods end where the wall ends them', () => {
  const changes = (text: string, zone: string, now: string): string | null => {
    const condition = judged(parse(`after 'y' fails and ${text}`), zone)
    const { at: next } = wakes(condition, parseInstant(now), noFacts, since(parseInstant(now)))
    return next === null ? null : formatInstant(next)
  }

  test('a day that clocks end a minute after midnight, and again after an hour', () => {
    const zone = 'America/St_Johns'
    // 00:00 of the 7th; a minute later it is 23:01 of the 6th.
    assert.equal(changes("'x' has failed today", zone, '2010-11-07T02:30:30Z'), '2010-11-07T02:31:00Z')
    assert.equal(changes("'x' has failed today", zone, '2010-11-07T02:31:00Z'), '2010-11-07T03:30:00Z')
  })

  test('a day that begins at 01:00', () => {
    assert.equal(changes("'x' has failed today", 'America/Santiago', '2026-09-06T03:59:00Z'), '2026-09-06T04:00:00Z')
  })

  test('an hour that clocks cut in half', () => {
    const zone = 'Australia/Lord_Howe'
    assert.equal(changes("'x' has failed this hour", zone, '2026-04-04T14:45:00Z'), '2026-04-04T15:00:00Z')
    assert.equal(changes("'x' has failed this hour", zone, '2026-04-04T15:00:00Z'), '2026-04-04T15:30:00Z')
  })

  test('in a gap the hour begins with the jump', () => {
    const condition = judged(parse("every minute and 'x' has failed this hour"), 'Australia/Lord_Howe')
    const runs = [run(1, 'x', parseInstant('2026-10-03T15:10:00Z'), 'failed')]
    const asked = (now: string): boolean =>
      holds(condition, parseInstant(now), { ...noFacts, runs }, since(parseInstant('2026-10-03T00:00:00Z'))) !== null
    assert.deepEqual([asked('2026-10-03T15:29:00Z'), asked('2026-10-03T15:31:00Z')], [true, false])
  })
})

describe('what holds wakes when it stops', () => {
  test('when its grace is over', () => {
    const condition = judged(parse('daily at 09:00'), 'UTC')
    const next = wakes(condition, at('09:30'), noFacts, since(at('00:00'))).at
    assert.equal(next, at('10:00') + 1)
    assert.notEqual(holds(condition, at('10:00'), noFacts, since(at('00:00'))), null)
    assert.equal(holds(condition, instant(at('10:00') + 1), noFacts, since(at('00:00'))), null)
    assert.equal(wakes(condition, at('09:30'), noFacts, since(at('00:00'), Infinity)).at, at('09:00', '2026-11-23'))
  })

  test('when the window of its events closes, and not before', () => {
    const condition = judged(parse("after 'x' succeeds and before 12:00"), 'UTC')
    const facts = { ...noFacts, runs: [run(1, 'x', at('09:00'))] }
    assert.equal(wakes(condition, at('09:00'), facts, since(at('00:00'))).at, at('12:00'))
  })

  test('but an open window alone wakes nothing', () => {
    const condition = judged(parse("after 'x' succeeds and before 12:00"), 'UTC')
    assert.equal(wakes(condition, at('09:00'), noFacts, since(at('00:00'))).at, null)
  })
})
