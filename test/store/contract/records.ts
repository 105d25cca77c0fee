/** What a running attempt keeps besides its result: log lines, progress, state, items, units. Nothing of it once another took over. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Json } from '../../../src/base/json.ts'
import type { Run } from '../../../src/domain/run.ts'
import { after, done, failure, given, item, start, unit } from '../given.ts'
import type { Given, OpenStore } from '../given.ts'

const counts = (seen: number, added: number, changed: number, unchanged: number) => ({
  seen,
  new: added,
  changed,
  unchanged,
  invalid: 0,
})

/** The same run in its second attempt. */
const retried = async (here: Given, run: Run): Promise<Run> => {
  await here.finish(run, failure(after(9)))
  const [again] = await here.claim([run.task], { at: after(9) })
  assert.ok(again)
  return again
}

export const recordsContract = (open: OpenStore): void => {
  describe('log lines', () => {
    const lines = (count: number, from = 1) =>
      Array.from({ length: count }, (_, i) => ({
        at: after(i),
        level: 'info' as const,
        message: `line ${from + i}`,
        fields: i % 2 === 0 ? null : { page: i },
      }))

    test('are numbered in order, and read in pages', async () => {
      await using here = await given(open)
      const { id: run, fence } = await here.running()
      assert.equal(await here.one({ kind: 'log', run, fence, lines: lines(2) }), true)
      assert.equal(await here.one({ kind: 'log', run, fence, lines: lines(1, 3) }), true)
      const all = await here.store.logs(run, 0, 10)
      assert.deepEqual(
        all.map(line => [line.seq, line.message, line.fields]),
        [
          [1, 'line 1', null],
          [2, 'line 2', { page: 1 }],
          [3, 'line 3', null],
        ],
      )
      assert.deepEqual(await here.store.logs(run, 1, 1), all.slice(1, 2))
    })

    test('are refused under another fence', async () => {
      await using here = await given(open)
      const run = await here.running({ attemptsAllowed: 2 })
      await retried(here, run)
      assert.equal(await here.one({ kind: 'log', run: run.id, fence: run.fence, lines: lines(1) }), false)
      assert.deepEqual(await here.store.logs(run.id, 0, 10), [])
    })

    test('may come after the end that they tell of', async () => {
      await using here = await given(open)
      const run = await here.running()
      await here.finish(run)
      assert.equal(await here.one({ kind: 'log', run: run.id, fence: run.fence, lines: lines(1) }), true)
    })

    test('are kept up to 10,000 a run: the newest', async () => {
      await using here = await given(open)
      const { id: run, fence } = await here.running()
      await here.one({ kind: 'log', run, fence, lines: lines(9_999) })
      await here.one({ kind: 'log', run, fence, lines: lines(3, 10_000) })
      const kept = await here.store.logs(run, 0, 20_000)
      assert.equal(kept.length, 10_000)
      assert.deepEqual([kept[0]?.seq, kept.at(-1)?.seq, kept.at(-1)?.message], [3, 10_002, 'line 10002'])
    })
  })

  describe('progress', () => {
    const far = (done: number) => ({ done, total: 10, note: done === 1 ? null : 'on its way', at: after(done) })

    test('is the last word of the run', async () => {
      await using here = await given(open)
      const { id: run, fence } = await here.running()
      assert.equal(await here.store.progress(run), null)
      for (const done of [1, 2.5])
        assert.equal(await here.one({ kind: 'progress', run, fence, progress: far(done) }), true)
      assert.deepEqual(await here.store.progress(run), far(2.5))
    })

    test('is refused under another fence', async () => {
      await using here = await given(open)
      const run = await here.running({ attemptsAllowed: 2 })
      await retried(here, run)
      const change = { kind: 'progress', run: run.id, fence: run.fence, progress: far(1) } as const
      assert.equal(await here.one(change), false)
      assert.equal(await here.store.progress(run.id), null)
    })
  })

  describe('the state of a task', () => {
    const keep = (here: Given, run: Pick<Run, 'id' | 'fence'>, key: string, value: Json) =>
      here.one({ kind: 'keepState', run: run.id, fence: run.fence, key, value })

    test('is kept by its runs, each key for itself, until it is taken away', async () => {
      await using here = await given(open)
      const run = await here.running()
      assert.equal(await here.store.taskState(run.task, 'a'), null)
      assert.equal(await keep(here, run, 'a', { page: 1 }), 'kept')
      assert.equal(await keep(here, run, 'b', false), 'kept')
      assert.equal(await keep(here, run, 'a', { page: 2 }), 'kept')
      assert.deepEqual(await here.store.taskState(run.task, 'a'), { page: 2 })
      assert.equal(await here.store.taskState(run.task, 'b'), false)
      assert.equal(await here.store.taskState('another', 'a'), null)
      assert.equal(await keep(here, run, 'a', null), 'kept')
      assert.equal(await here.store.taskState(run.task, 'a'), null)
    })

    test('has 100 keys at most', async () => {
      await using here = await given(open)
      const run = await here.running()
      for (let i = 0; i < 100; i++) assert.equal(await keep(here, run, `key ${i}`, i), 'kept')
      assert.equal(await keep(here, run, 'one more', 1), 'full')
      assert.equal(await keep(here, run, 'key 7', 'again'), 'kept')
      await keep(here, run, 'key 8', null)
      assert.equal(await keep(here, run, 'one more', 1), 'kept')
    })

    test('is refused under another fence, and once the attempt is over', async () => {
      await using here = await given(open)
      const run = await here.running({ attemptsAllowed: 2 })
      const again = await retried(here, run)
      assert.equal(await keep(here, run, 'a', 1), 'fenced')
      await here.finish(again)
      assert.equal(await keep(here, again, 'a', 1), 'fenced')
      assert.equal(await here.store.taskState(run.task, 'a'), null)
    })
  })

  describe('items', () => {
    test('are new, changed or unchanged by their key and hash', async () => {
      await using here = await given(open)
      await here.keepItems(await here.running(), [item('a'), item('b')], after(1))
      const second = await here.running()
      const kept = await here.keepItems(second, [item('a'), item('b', 'h2'), item('c')], after(2))
      assert.deepEqual(kept, counts(3, 1, 1, 1))
      const stored = await here.store.items('news', { limit: 10 })
      assert.deepEqual(
        stored.map(one => [one.key, one.hash, one.version, one.firstSeenAt, one.lastSeenAt, one.changedAt]),
        [
          ['c', 'h1', 1, after(2), after(2), after(2)],
          ['b', 'h2', 2, after(1), after(2), after(2)],
          ['a', 'h1', 1, after(1), after(2), after(1)],
        ],
      )
      assert.deepEqual(stored[1]?.data, { key: 'b', hash: 'h2' })
      assert.equal(await here.store.countItems('news'), 3)
    })

    test('of one source do not touch those of another', async () => {
      await using here = await given(open)
      const { id: run, fence } = await here.running()
      for (const source of ['news', 'odds']) {
        const change = { kind: 'keepItems', run, fence, at: after(1), source, items: [item('a')] } as const
        assert.deepEqual(await here.one(change), counts(1, 1, 0, 0))
      }
      assert.deepEqual(
        (await here.store.items('odds', { limit: 10 })).map(one => one.source),
        ['odds'],
      )
      assert.deepEqual(await here.store.items('unheard of', { limit: 10 }), [])
      assert.equal(await here.store.countItems('unheard of'), 0)
    })

    test('that this run added already are new again, also in its next attempt', async () => {
      await using here = await given(open)
      const run = await here.running({ attemptsAllowed: 2 })
      await here.keepItems(run, [item('a')])
      assert.deepEqual(await here.keepItems(run, [item('a')]), counts(1, 1, 0, 0))
      const again = await retried(here, run)
      assert.deepEqual(await here.keepItems(again, [item('a'), item('b')]), counts(2, 2, 0, 0))
    })

    test('whose key comes twice in one call are new once', async () => {
      await using here = await given(open)
      const run = await here.running()
      assert.deepEqual(await here.keepItems(run, [item('a'), item('a'), item('b')]), counts(3, 2, 0, 1))
      assert.deepEqual(await here.keepItems(run, [item('c'), item('c', 'h2')]), counts(2, 1, 1, 0))
      assert.equal((await here.store.items('news', { limit: 10 })).find(one => one.key === 'c')?.hash, 'h2')
    })

    test('are refused under another fence, and once the attempt is over', async () => {
      await using here = await given(open)
      const run = await here.running({ attemptsAllowed: 2 })
      const again = await retried(here, run)
      assert.equal(await here.keepItems(run, [item('a')]), null)
      await here.finish(again)
      assert.equal(await here.keepItems(again, [item('a')]), null)
      assert.equal(await here.store.countItems('news'), 0)
    })

    test('come last changed first, in pages', async () => {
      await using here = await given(open)
      const run = await here.running()
      await here.keepItems(run, [item('a'), item('b'), item('c')], after(1))
      await here.keepItems(run, [item('d')], after(2))
      const all = await here.store.items('news', { limit: 10 })
      assert.deepEqual(
        all.map(one => one.key),
        ['d', 'c', 'b', 'a'],
      )
      const before = all[1]
      assert.ok(before)
      assert.deepEqual(await here.store.items('news', { limit: 1, before }), all.slice(2, 3))
    })
  })

  describe('units', () => {
    test('are counted on their run, and read in the order in which they ended', async () => {
      await using here = await given(open)
      const run = await here.running()
      const late = unit('late', { endedAt: after(9), state: 'failed', verdict: 'transient', detail: 'no answer' })
      const soon = unit('soon', { endedAt: after(3), state: 'partial' })
      const sooner = unit('also soon', { endedAt: after(3), items: counts(7, 1, 2, 4) })
      for (const one of [late, soon, sooner]) assert.equal(await here.finishUnit(run, one), true)
      assert.deepEqual(await here.store.units(run.id), [soon, sooner, late])
      const { unitsOk, unitsFailed } = await here.run(run.id)
      assert.deepEqual([unitsOk, unitsFailed], [2, 1])
    })

    test('of the same source and query replace one another', async () => {
      await using here = await given(open)
      const run = await here.running({ attemptsAllowed: 2 })
      await here.finishUnit(run, unit('q', { state: 'failed' }))
      const again = await retried(here, run)
      await here.finishUnit(again, unit('q', { attempt: 2 }))
      assert.deepEqual(await here.store.units(run.id), [unit('q', { attempt: 2 })])
      const { unitsOk, unitsFailed } = await here.run(run.id)
      assert.deepEqual([unitsOk, unitsFailed], [1, 0])
    })

    test('stay counted when the run ends', async () => {
      await using here = await given(open)
      const run = await here.running()
      await here.finishUnit(run, unit('q'))
      const { run: over } = await here.finish(run, done)
      assert.equal(over.unitsOk, 1)
      assert.deepEqual(await here.run(run.id), over)
    })

    test('are refused under another fence, and once the attempt is over', async () => {
      await using here = await given(open)
      const run = await here.running()
      assert.equal(await here.finishUnit({ ...run, fence: 9 }, unit('q')), false)
      await here.finish(run)
      assert.equal(await here.finishUnit(run, unit('q')), false)
      assert.deepEqual(await here.store.units(run.id), [])
    })
  })

  describe('a held host', () => {
    const hold = (here: Given, seconds: number) =>
      here.one({ kind: 'holdHost', host: 'example.org', until: after(seconds), reason: 'asked', at: start })

    test('is held until then, and no longer', async () => {
      await using here = await given(open)
      assert.equal(await here.store.hostHeldUntil('example.org', start), null)
      assert.equal(await hold(here, 30), after(30))
      assert.equal(await here.store.hostHeldUntil('example.org', after(29)), after(30))
      assert.equal(await here.store.hostHeldUntil('example.org', after(30)), null)
      assert.equal(await here.store.hostHeldUntil('example.com', start), null)
    })

    test('is held by the longest hold', async () => {
      await using here = await given(open)
      await hold(here, 30)
      assert.equal(await hold(here, 10), after(30))
      assert.equal(await hold(here, 60), after(60))
      assert.equal(await here.store.hostHeldUntil('example.org', start), after(60))
    })
  })

  describe('events', () => {
    test('come newest first', async () => {
      await using here = await given(open)
      for (const name of ['a', 'b', 'c']) await here.one({ kind: 'event', at: after(1), name, detail: `of ${name}` })
      const events = await here.store.events(2)
      assert.deepEqual(
        events.map(({ at, name, detail }) => [at, name, detail]),
        [
          [after(1), 'c', 'of c'],
          [after(1), 'b', 'of b'],
        ],
      )
    })
  })
}
