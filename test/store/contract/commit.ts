/** One transaction for many changes: what stands, what falls, and when. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { isRotaError } from '../../../src/base/errors.ts'
import { after, deciding, definition, given, idsOf, nothingToJudge, start, wanted } from '../given.ts'
import type { OpenStore } from '../given.ts'

export const commitContract = (open: OpenStore): void => {
  describe('a commit', () => {
    test('answers each change in its order', async () => {
      await using here = await given(open)
      const { results } = await here.store.commit(
        [
          { kind: 'event', at: start, name: 'first', detail: 'a' },
          { kind: 'putSchedule', mode: 'create', at: start, definition: definition('hourly') },
          { kind: 'holdHost', host: 'example.org', until: after(9), reason: 'asked', at: start },
        ],
        nothingToJudge,
      )
      const [event, schedule, held] = results
      assert.deepEqual(event, { ok: null })
      assert.equal('ok' in schedule && schedule.ok.name, 'hourly')
      assert.deepEqual(held, { ok: after(9) })
    })

    test('of nothing is nothing', async () => {
      await using here = await given(open)
      assert.deepEqual(await here.store.commit([], nothingToJudge), { results: [], judged: [] })
    })

    test('sees in a later change what an earlier one did', async () => {
      await using here = await given(open)
      const schedule = await here.schedule('hourly')
      const judge = {
        kind: 'judge',
        schedule: schedule.id,
        ahead: null,
        at: after(1),
        claimFor: null,
        slots: 0,
      } as const
      const {
        results: [first, second],
      } = await here.store.commit([judge, judge], (subject, at) => ({
        ...deciding({ runs: subject.unfinished.length === 0 ? wanted(start) : [] })(subject, at),
      }))
      assert.equal('ok' in first && first.ok?.runs.length, 1)
      assert.equal('ok' in second && second.ok?.runs.length, 0)
    })

    test('keeps what goes well beside a change that fails', async () => {
      await using here = await given(open)
      await here.schedule('taken')
      const {
        results: [before, failing, behind],
      } = await here.store.commit(
        [
          { kind: 'event', at: start, name: 'before', detail: '' },
          { kind: 'putSchedule', mode: 'create', at: start, definition: definition('taken') },
          { kind: 'event', at: start, name: 'behind', detail: '' },
        ],
        nothingToJudge,
      )
      assert.ok('ok' in before && 'ok' in behind)
      assert.ok('error' in failing && failing.error.code === 'SCHEDULE_EXISTS')
      const events = await here.store.events(10)
      assert.deepEqual(
        events.map(event => event.name),
        ['behind', 'before'],
      )
    })

    test('keeps nothing of a change that fails, and everything of the others, when a judge throws', async () => {
      await using here = await given(open)
      const broken = await here.schedule('broken')
      const sound = await here.schedule('sound')
      const judge = (schedule: number) =>
        ({ kind: 'judge', schedule, ahead: null, at: after(1), claimFor: null, slots: 0 }) as const
      const cause = new Error('no such thing')
      const {
        results: [first, second],
      } = await here.store.commit([judge(broken.id), judge(sound.id)], (subject, at) => {
        if (subject.schedule.name === 'broken') throw cause
        return deciding({ runs: wanted(start) })(subject, at)
      })
      assert.ok('error' in first && first.error.code === 'INTERNAL')
      assert.equal(first.error.cause, cause)
      assert.match(first.error.message, /'broken'/)
      assert.equal('ok' in second && second.ok?.runs.length, 1)
      assert.deepEqual(await here.stored('broken'), broken)
      assert.equal((await here.store.runs({ limit: 10 })).length, 1)
    })

    test('gives each run one number, also where a commit was undone before', async () => {
      await using here = await given(open)
      const first = await here.request()
      await here.store.commit(
        [
          {
            kind: 'request',
            task: first.task,
            input: null,
            trigger: first.trigger,
            at: start,
            attemptsAllowed: 1,
            claimFor: null,
          },
          { kind: 'pauseSchedule', name: 'nobody', pause: { at: start, by: 'ada', why: null, until: null } },
        ],
        nothingToJudge,
      )
      const third = await here.request()
      assert.deepEqual(idsOf(await here.store.runs({ limit: 10 })), [third.id, third.id - 1, first.id])
    })

    test('is refused by a closed store, which may be closed twice', async () => {
      await using here = await given(open)
      await here.store.close()
      await here.store.close()
      await assert.rejects(here.store.commit([], nothingToJudge), error => isRotaError(error, 'STORE_UNUSABLE'))
      await assert.rejects(here.store.runs({ limit: 1 }), error => isRotaError(error, 'STORE_UNUSABLE'))
    })
  })
}
