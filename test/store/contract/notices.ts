/** Notices: put into the outbox with what caused them, sent by one at a time and in order, given up in the end. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { noticeKinds } from '../../../src/domain/notice.ts'
import type { NoticeKind, NoticeRule } from '../../../src/domain/notice.ts'
import type { NoticeOutcome, StoredNotice } from '../../../src/store/store.ts'
import { after, done, endedBefore, failure, given, nothingToJudge, start } from '../given.ts'
import type { Given, OpenStore } from '../given.ts'

const DAY = 86_400

const rule = (destination: string, part: Partial<NoticeRule> = {}): NoticeRule => ({
  destination,
  on: noticeKinds,
  tasks: null,
  tags: null,
  every: false,
  ...part,
})

const declare = async (here: Given, rules: readonly NoticeRule[], worker = 'w1') =>
  here.one({
    kind: 'putNoticeRules',
    worker,
    destinations: rules.map(({ destination }) => destination),
    rules,
    at: start,
  })

const claim = async (here: Given, destinations: readonly string[], seconds: number, worker = 'w1') =>
  here.one({ kind: 'claimNotices', worker, destinations, at: after(seconds) })

const settle = async (here: Given, notice: StoredNotice, seconds: number, outcome: NoticeOutcome, worker = 'w1') =>
  here.one({ kind: 'settleNotice', notice, worker, at: after(seconds), outcome })

const watch = async (here: Given, seconds: number) => here.one({ kind: 'watch', at: after(seconds) })

const told = async (here: Given): Promise<readonly string[]> =>
  (await here.store.notices({ limit: 100 }))
    .map(({ kind, destination, state }) => `${kind} ${destination} ${state}`)
    .reverse()

const failOnce = async (here: Given, seconds = 5) =>
  here.finish(await here.running(), failure(), { at: after(seconds) })

export const noticesContract = (open: OpenStore): void => {
  describe('notices', () => {
    test('are written in the commit that caused them, one for each destination, and said by it', async () => {
      await using here = await given(open)
      await declare(here, [rule('ops'), rule('boss', { on: ['failed'] }), rule('deaf', { on: ['health'] })])
      const run = await here.running()
      const common = { worker: 'w1', attemptStartedAt: after(0), taskIsSource: false } as const
      const change = {
        kind: 'finish',
        run: run.id,
        fence: run.fence,
        at: after(5),
        outcome: failure(),
        ...common,
      } as const
      assert.equal((await here.store.commit([change], nothingToJudge)).hasNotices, true)
      assert.deepEqual(await told(here), ['failed ops waiting', 'failed boss waiting'])
      const [notice] = await here.store.notices({ limit: 1 })
      assert.deepEqual(
        [notice?.run, notice?.at, notice?.subject],
        [run.id, after(5), { kind: 'task', name: 'collect' }],
      )
      const quiet = await here.store.commit([{ kind: 'event', at: start, name: 'x', detail: '' }], nothingToJudge)
      assert.equal(quiet.hasNotices, undefined)
    })

    test('are none while nobody wants any, and none of what failed by itself', async () => {
      await using here = await given(open)
      await failOnce(here)
      assert.deepEqual(await told(here), [])
      await declare(here, [rule('ops')])
      const run = await here.running()
      const common = { outcome: failure(), worker: 'w1', attemptStartedAt: after(0), taskIsSource: false } as const
      const bad = { kind: 'finish', run: 4_711 as typeof run.id, fence: 1, at: after(1), ...common } as const
      const both = [{ ...bad, run: run.id, fence: run.fence }, bad] as const
      assert.equal((await here.store.commit(both, nothingToJudge)).hasNotices, true)
      assert.deepEqual(await told(here), ['failed ops waiting'])
    })

    test('tell of every way to fail for good: an end, a death, a worker that stops', async () => {
      await using here = await given(open)
      await declare(here, [rule('ops', { on: ['failed'], every: true })])
      await failOnce(here)
      await here.one({ kind: 'joinWorker', worker: 'w2', host: 'h', version: '1', startedAt: start })
      await here.running({ worker: 'w2' })
      await here.one({ kind: 'rescue', worker: 'w2', at: after(6) })
      await here.giveBack(await here.running())
      assert.deepEqual(
        (await here.store.notices({ limit: 10 })).map(({ text }) => /failed: (\w+)/.exec(text)?.[1]),
        ['stopped', 'lost', 'Error'],
      )
    })

    test('of a row of failures are two: its beginning and its end', async () => {
      await using here = await given(open)
      await declare(here, [rule('ops', { on: ['failed', 'recovered'] })])
      for (const seconds of [1, 2, 3]) await failOnce(here, seconds)
      await here.finish(await here.running(), done)
      await here.finish(await here.running(), done)
      assert.deepEqual(await told(here), ['failed ops waiting', 'recovered ops waiting'])
    })

    test('of health come with its change, once, and again a day later while it lasts', async () => {
      await using here = await given(open)
      await declare(here, [rule('ops', { on: ['health'] })])
      for (const seconds of [1, 2, 3, 4]) await failOnce(here, seconds)
      assert.deepEqual(await told(here), ['health ops waiting'])
      const next = await here.store.nextNoticeAt(['ops'])
      assert.equal(next.watch, after(DAY + 3))
      await watch(here, DAY + 2)
      assert.equal((await told(here)).length, 1)
      await watch(here, DAY + 3)
      await watch(here, DAY + 4)
      assert.equal((await told(here)).length, 2)
    })

    test('go to one sender at a time, in order, and to another one only when it is late', async () => {
      await using here = await given(open)
      await declare(here, [rule('ops', { on: ['failed'], every: true })])
      await failOnce(here, 1)
      await failOnce(here, 2)
      assert.equal((await here.store.nextNoticeAt(['ops'])).delivery, after(1))
      const [first] = await claim(here, ['ops', 'unknown'], 3)
      assert.ok(first)
      assert.deepEqual([first.run, first.tries], [1, 1])
      assert.deepEqual(await claim(here, ['ops'], 4, 'w2'), [])
      const late = 3 + 120
      assert.equal((await here.store.nextNoticeAt(['ops'])).delivery, after(late))
      const [again] = await claim(here, ['ops'], late, 'w2')
      assert.ok(again)
      assert.deepEqual([again.id, again.tries], [first.id, 2])
      assert.equal(await settle(here, first, late, { kind: 'later', at: after(late), problem: 'late' }), false)
      assert.equal(await settle(here, again, late, { kind: 'delivered' }, 'w2'), true)
      assert.equal(await settle(here, again, late, { kind: 'delivered' }, 'w2'), false)
      const [second] = await claim(here, ['ops'], late)
      assert.equal(second?.run, 2)
    })

    test('that failed are due again when they shall, and keep the ones behind them waiting', async () => {
      await using here = await given(open)
      await declare(here, [rule('ops', { on: ['failed'], every: true })])
      await failOnce(here, 1)
      await failOnce(here, 2)
      const [first] = await claim(here, ['ops'], 3)
      assert.ok(first)
      await settle(here, first, 4, { kind: 'later', at: after(60), problem: 'HTTP 500' })
      assert.deepEqual(await claim(here, ['ops'], 59), [])
      const [again] = await claim(here, ['ops'], 60)
      assert.deepEqual([again?.run, again?.problem], [1, 'HTTP 500'])
    })

    test('that nobody took for a day are given up, and that is an event', async () => {
      await using here = await given(open)
      await declare(here, [rule('ops', { on: ['failed'] })])
      await failOnce(here, 1)
      assert.equal((await here.store.nextNoticeAt([])).watch, after(DAY + 1))
      assert.deepEqual(await watch(here, DAY), [])
      const [lost] = await watch(here, DAY + 1)
      assert.equal(lost?.problem, 'no running program knew this destination')
      assert.deepEqual(await told(here), ['failed ops given up'])
      assert.deepEqual(
        (await here.store.events(5)).map(({ name }) => name),
        ['notice given up'],
      )
      assert.equal((await here.store.nextNoticeAt(['ops'])).delivery, null)
    })

    test('that are refused are given up at once, and the next one is due', async () => {
      await using here = await given(open)
      await declare(here, [rule('ops', { on: ['failed'], every: true })])
      await failOnce(here, 1)
      await failOnce(here, 2)
      const [first] = await claim(here, ['ops'], 3)
      assert.ok(first)
      await settle(here, first, 4, { kind: 'given up', problem: 'HTTP 410' })
      assert.deepEqual(await told(here), ['failed ops given up', 'failed ops waiting'])
      assert.equal((await claim(here, ['ops'], 4))[0]?.run, 2)
    })

    test('beyond a thousand for one destination are left out, and the last one says so', async () => {
      await using here = await given(open)
      await declare(here, [rule('ops', { on: ['failed'], every: true })])
      const runs = await Promise.all(Array.from({ length: 1_005 }, () => here.running()))
      const common = { worker: 'w1', attemptStartedAt: after(0), taskIsSource: false, outcome: failure() } as const
      await here.store.commit(
        runs.map(({ id, fence }) => ({ kind: 'finish' as const, run: id, fence, at: after(1), ...common })),
        nothingToJudge,
      )
      const notices = await here.store.notices({ limit: 2_000 })
      assert.equal(notices.length, 1_000)
      assert.match(notices[0]?.text ?? '', /further notices are left out until this one is delivered$/)
    })

    test('that are over go with what is old', async () => {
      await using here = await given(open)
      await declare(here, [rule('ops', { on: ['failed'], every: true })])
      await failOnce(here, 1)
      await failOnce(here, 2)
      const [first] = await claim(here, ['ops'], 3)
      assert.ok(first)
      await settle(here, first, 4, { kind: 'delivered' })
      await here.one({ kind: 'prune', at: after(9), before: endedBefore(after(4)), keep: 0, limit: 100 })
      assert.equal((await told(here)).length, 2)
      await here.one({ kind: 'prune', at: after(9), before: endedBefore(after(5)), keep: 0, limit: 100 })
      assert.deepEqual(await told(here), ['failed ops waiting'])
    })

    test('can be listed page by page', async () => {
      await using here = await given(open)
      await declare(here, [rule('ops', { on: ['failed'], every: true })])
      for (const seconds of [1, 2, 3]) await failOnce(here, seconds)
      const [newest] = await here.store.notices({ limit: 1 })
      assert.equal(newest?.run, 3)
      const rest = await here.store.notices({ limit: 5, before: newest.number })
      assert.deepEqual(
        rest.map(({ run }) => run),
        [2, 1],
      )
    })
  })

  describe('rules of notices', () => {
    const named = async (here: Given): Promise<readonly string[]> =>
      (await here.store.noticeRules()).map(({ destination }) => destination)

    test('are kept as they were declared', async () => {
      await using here = await given(open)
      const rules = [
        rule('ops', { on: ['failed', 'silent'] as readonly NoticeKind[], tasks: ['a'], tags: ['b', 'c'], every: true }),
        rule('boss'),
      ]
      await declare(here, rules)
      assert.deepEqual(await here.store.noticeRules(), rules)
    })

    test('of other destinations stay while another worker is there, and go when none is', async () => {
      await using here = await given(open)
      for (const worker of ['w1', 'w2'])
        await here.one({ kind: 'joinWorker', worker, host: 'h', version: '1', startedAt: start })
      await declare(here, [rule('ops')], 'w1')
      await declare(here, [rule('boss')], 'w2')
      assert.deepEqual(await named(here), ['ops', 'boss'])
      await declare(here, [rule('ops', { every: true })], 'w1')
      assert.deepEqual(await named(here), ['boss', 'ops'])
      await here.one({ kind: 'leaveWorker', worker: 'w2' })
      await declare(here, [rule('ops')], 'w1')
      assert.deepEqual(await named(here), ['ops'])
    })
  })

  describe('a watched schedule', () => {
    const silent = [rule('ops', { on: ['silent', 'recovered'] })]

    test('is told to be silent when its moments passed without a good run, however often it is looked at', async () => {
      await using here = await given(open)
      await declare(here, silent)
      const schedule = await here.schedule('news')
      await here.judge(schedule, { nextAt: after(3_600) })
      await watch(here, 1)
      // Every minute, with a grace of a minute: late after three.
      assert.equal((await here.store.nextNoticeAt([])).watch, after(180))
      await watch(here, 179)
      assert.deepEqual(await told(here), [])
      await watch(here, 180)
      await watch(here, 181)
      assert.deepEqual(await told(here), ['silent ops waiting'])
    })

    test('that ran well is looked at later, and is told to run again where it was silent', async () => {
      await using here = await given(open)
      await declare(here, silent)
      const schedule = await here.schedule('news')
      const first = await here.judge(
        schedule,
        { runs: [{ nominalAt: after(60), detail: null }], nextAt: after(9_999) },
        { slots: 1 },
      )
      const [run] = first.runs
      assert.ok(run)
      await watch(here, 180)
      assert.deepEqual(await told(here), ['silent ops waiting'])
      await here.finish(run, done, { at: after(200) })
      assert.deepEqual(await told(here), ['silent ops waiting', 'recovered ops waiting'])
      await watch(here, 200)
      assert.equal((await here.store.nextNoticeAt([])).watch, after(360))
    })

    test('that is removed leaves no alarm to another one of its name', async () => {
      await using here = await given(open)
      await declare(here, [rule('ops', { on: ['failed'] })])
      for (const seconds of [0, 1]) {
        const schedule = await here.schedule('news', {}, after(seconds))
        const wanted = { runs: [{ nominalAt: after(60), detail: null }] }
        const [run] = (await here.judge(schedule, wanted, { slots: 1 })).runs
        assert.ok(run)
        await here.finish(run, failure(), { at: after(70 + seconds) })
        await here.one({ kind: 'removeSchedule', name: 'news', at: after(80) })
      }
      assert.deepEqual(await told(here), ['failed ops waiting', 'failed ops waiting'])
    })

    test('is one from its creation or edit on, and none once it is removed or nobody wants to hear of it', async () => {
      await using here = await given(open)
      await here.schedule('old')
      await declare(here, silent)
      await here.schedule('new', {}, after(10))
      assert.equal((await here.store.nextNoticeAt([])).watch, start)
      await here.one({ kind: 'removeSchedule', name: 'old', at: after(11) })
      assert.equal((await here.store.nextNoticeAt([])).watch, after(10))
      await declare(here, [rule('ops', { on: ['failed'] })])
      assert.equal((await here.store.nextNoticeAt([])).watch, null)
    })
  })
}
