/** Limits as they are written, the order of who waits, and the words for what a run waits for. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { duration } from '../../src/base/duration.ts'
import { instant, parseInstant } from '../../src/base/instant.ts'
import {
  checkPriority,
  isGated,
  limitsFrom,
  noLimits,
  orderOf,
  queuesFrom,
  spacing,
  waitingFor,
} from '../../src/domain/limits.ts'
import type { Gate, LimitOptions } from '../../src/domain/limits.ts'
import { defineTask, placingOf } from '../../src/domain/task.ts'

const at = parseInstant('2026-11-22T09:00:00Z')

describe('limits as they are written', () => {
  const rates: readonly [NonNullable<LimitOptions['rate']>, number, number][] = [
    ['10 per minute', 10, 60_000],
    ['1 per 90 s', 1, 90_000],
    [' 5  Per  hour ', 5, 3_600_000],
    [{ count: 3, per: '2 days' }, 3, 172_800_000],
    [{ count: 1_000, per: 1_000 }, 1_000, 1_000],
  ]
  for (const [rate, count, per] of rates) {
    test(`${JSON.stringify(rate)} is a rate`, () => {
      assert.deepEqual(limitsFrom("'a'", { rate })?.rate, { count, per })
    })
  }

  const refused: readonly [LimitOptions, RegExp][] = [
    [{ rate: 'often' }, /limits\.rate of 'a' is 'often'; write it like '10 per minute'/],
    [{ rate: '0 per minute' }, /at least 1, and at most one a millisecond/],
    [{ rate: { count: 1.5, per: '1 s' } }, /at least 1/],
    [{ rate: { count: 2_000, per: '1 s' } }, /at most one a millisecond/],
    [{ rate: '10 per blink' }, /is not a duration/],
    [{ concurrency: 0 }, /limits\.concurrency of 'a' is 0; it is a whole number from 1 to 100,000/],
    [{ perKey: 2 }, /limits\.perKey of 'a' needs limits\.key/],
    [{ key: () => 'a' }, /limits\.key of 'a' limits nothing/],
    [{ key: 'host' as never, perKey: 1 }, /limits\.key of 'a' is a string; it is a function/],
    [{ concurency: 1 } as never, /Did you mean 'concurrency'\?/],
  ]
  for (const [options, expected] of refused) {
    test(`${String(expected)} is said`, () => {
      assert.throws(() => limitsFrom("'a'", options), expected)
    })
  }

  test('that say nothing are none', () => {
    assert.equal(limitsFrom("'a'", {}), null)
    assert.equal(limitsFrom("'a'", undefined), null)
  })

  test('queues without a limit are not limited', () => {
    assert.deepEqual([...queuesFrom({ slow: { concurrency: 2 }, fast: {} })], [['slow', 2]])
    assert.throws(() => queuesFrom({ slow: { concurrent: 2 } as never }), /The queue 'slow' has no option 'concurrent'/)
    assert.throws(() => queuesFrom({ 'a b': { concurrency: 2 } }), /is not a name for a queue/)
  })

  test('a priority is a whole number from 0 to 9', () => {
    assert.equal(checkPriority('x', 0), 0)
    for (const bad of [-1, 10, 1.5, Number.NaN]) assert.throws(() => checkPriority('x', bad), /from 0 to 9/)
  })

  test('a task tells where its runs wait', () => {
    const task = defineTask<{ host: unknown }, unknown>('a', () => null, {
      queue: 'slow',
      priority: 7,
      limits: { key: ({ host }) => host as string, perKey: 2 },
    })
    const { queue, priority, keyOf } = placingOf(task)
    assert.deepEqual([queue, priority], ['slow', 7])
    const keys = [{ host: 'example.org' }, { host: null }, { host: 7 }, { host: '' }, null, { host: 'x'.repeat(300) }]
    assert.deepEqual(keys.map(keyOf), ['example.org', null, '?', '?', '?', 'x'.repeat(200)])
    assert.equal(placingOf(defineTask('b', () => null)).keyOf({ host: 'example.org' }), null)
  })
})

test('a run is gated by a limit of its task, of its queue, or of all', () => {
  const tasks = new Map([['a', { concurrency: 1, perKey: null, rate: null, key: null }]])
  assert.equal(isGated(noLimits, 'a', 'default'), false)
  assert.equal(isGated({ ...noLimits, total: 1 }, 'a', 'default'), true)
  assert.equal(isGated({ ...noLimits, queues: new Map([['slow', 1]]) }, 'a', 'slow'), true)
  assert.deepEqual(
    [isGated({ ...noLimits, tasks }, 'a', 'x'), isGated({ ...noLimits, tasks }, 'b', 'x')],
    [true, false],
  )
})

test('whoever became due nine minutes before comes first, whatever the priorities', () => {
  const priority = fc.integer({ min: 0, max: 9 })
  fc.assert(
    fc.property(fc.nat(10 ** 12), priority, priority, fc.nat(10 ** 7), (due, mine, yours, more) => {
      assert.ok(orderOf(instant(due), mine) < orderOf(instant(due + 540_001 + more), yours))
    }),
  )
})

test('starts that are as far apart as a rate says are never more in a period than it says', () => {
  const rate = fc.record({ count: fc.integer({ min: 1, max: 1_000 }), per: fc.integer({ min: 1_000, max: 10 ** 9 }) })
  fc.assert(
    fc.property(rate, ({ count, per }) => {
      const apart = spacing({ count, per: duration(per) })
      // The first and the one after `count` more lie a whole period apart.
      assert.ok(apart * count >= per)
    }),
  )
})

describe('what a run waits for is said', () => {
  const pause = { at, by: 'ada', why: 'the site moves', until: null }
  const full = { kind: 'full', limit: 3, count: 3, running: [12, 15, 19] as never } as const
  const sentences: readonly [Gate, string][] = [
    [{ ...full, what: 'key', name: 'example.org' }, "waits: 3 of 3 of 'example.org' are running (runs 12, 15, 19)"],
    [
      { ...full, what: 'queue', name: 'slow', limit: 9, count: 9 },
      "waits: 9 of 9 of queue 'slow' are running (runs 12, 15, 19 and others)",
    ],
    [
      { ...full, what: 'everything', name: '', limit: 1, count: 1, running: [7] as never },
      'waits: 1 of 1 are running (run 7)',
    ],
    [
      { kind: 'rate', name: 'example.org', rate: { count: 10, per: duration(60_000) }, opensAt: at },
      "waits: 10 per 1m for 'example.org', next at 2026-11-22T09:00:00Z",
    ],
    [
      { kind: 'paused', what: 'queue', name: 'slow', pause },
      "waits: queue 'slow' is paused by ada since 2026-11-22T09:00:00Z: the site moves",
    ],
    [
      { kind: 'paused', what: 'everything', name: '', pause: { ...pause, why: null } },
      'waits: everything is paused by ada since 2026-11-22T09:00:00Z',
    ],
    [{ kind: 'held' }, 'waits: it is held since the restore of a backup, until it is released'],
  ]
  for (const [gate, sentence] of sentences) test(sentence, () => assert.equal(waitingFor(gate), sentence))
})
