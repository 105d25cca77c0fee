/** What becomes of due moments: every policy, alone, without a store or a clock. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parseInstant } from '../../src/base/instant.ts'
import type { Instant } from '../../src/base/instant.ts'
import type { RunId, TaskName } from '../../src/base/name.ts'
import type { Decision, OpenRow, Subject } from '../../src/domain/opportunity.ts'
import { policiesFrom } from '../../src/domain/schedule.ts'
import type { PolicyOptions, Schedule } from '../../src/domain/schedule.ts'
import { judgeWith } from '../../src/scheduler/due.ts'

const judge = judgeWith({ attemptsAllowed: () => 3 })
const at = (time: string): Instant => parseInstant(`2026-01-05T${time}Z`)
const id = (n: number): RunId => n as RunId

const scheduled = (
  condition: string,
  mark: string,
  policies: PolicyOptions = {},
  more: Partial<Schedule> = {},
): Schedule => ({
  id: 1,
  name: 'news',
  task: 'fetch' as TaskName,
  input: null,
  condition,
  timezone: 'UTC',
  anchor: at('00:00:00'),
  policies: policiesFrom(policies),
  tags: [],
  origin: 'code',
  declaredHash: null,
  declared: true,
  since: at('00:00:00'),
  createdAt: at('00:00:00'),
  revision: 1,
  version: 1,
  mark: at(mark),
  highestMark: at(mark),
  nextAt: at(mark),
  paused: null,
  status: 'active',
  problem: null,
  runsCreated: 0,
  lastNominalAt: null,
  usesFacts: false,
  ...more,
})

const decide = (schedule: Schedule, now: string, more: Partial<Subject> = {}): Decision =>
  judge({ schedule, unfinished: [], open: [], known: null, ...more }, at(now))

const runs = (decision: Decision): readonly string[] => decision.runs.map(run => clockTime(run.nominalAt))
const opens = (decision: Decision): readonly string[] => decision.opens.map(run => clockTime(run.nominalAt))
const skips = (decision: Decision): readonly string[] =>
  decision.skips.map(skip => `${clockTime(skip.from)}-${clockTime(skip.to)} ×${skip.count} ${skip.reason}`)
const clockTime = (instant: Instant): string => new Date(instant).toISOString().slice(11, 16)

const running = { unfinished: [{ id: id(41), state: 'running' as const, expiresAt: null }] }

const waitingRow = (row: number, nominal: string): OpenRow => ({
  id: id(row),
  nominalAt: at(nominal),
  causedBy: null,
  waitsFor: { kind: 'overlap' },
})

describe('a schedule with nothing due', () => {
  test('decides nothing, keeps its mark and says when to look again', () => {
    const decision = decide(scheduled('every 5 minutes', '10:00:00'), '10:04:59')
    assert.deepEqual(runs(decision), [])
    assert.equal(decision.mark, at('10:00:00'))
    assert.equal(decision.nextAt, at('10:05:00'))
    assert.equal(decision.status, 'active')
  })

  test('created at 09:00:00.000 with `daily at 09:00` first fires tomorrow', () => {
    const decision = decide(scheduled('daily at 09:00', '09:00:00'), '09:00:00')
    assert.deepEqual(runs(decision), [])
    assert.equal(decision.nextAt, parseInstant('2026-01-06T09:00:00Z'))
  })
})

test('stopWhen whose window is open, but whose states do not hold, is looked at when they may, and not before', () => {
  const schedule = scheduled('monthly', '10:00:00', { stopWhen: "after 10:30 and 'x' has failed today" })
  assert.equal(decide(schedule, '10:10:00', running).nextAt, at('10:30:00'))
  assert.equal(decide(schedule, '11:00:00', running).nextAt, parseInstant('2026-01-06T00:00:00Z'))
})

describe('a moment on time', () => {
  test('becomes a run, and the mark moves to it', () => {
    const decision = decide(scheduled('every 5 minutes', '10:00:00'), '10:05:00')
    assert.deepEqual(runs(decision), ['10:05'])
    assert.equal(decision.mark, at('10:05:00'))
    assert.equal(decision.nextAt, at('10:10:00'))
    assert.equal(decision.attemptsAllowed, 3)
  })
})

describe('catching up', () => {
  test('latest: down from 10:01 to 10:17 gives one run for 10:15, and 10:05 and 10:10 are coalesced', () => {
    const decision = decide(scheduled('every 5 minutes', '10:00:00'), '10:17:00')
    assert.deepEqual(runs(decision), ['10:15'])
    assert.deepEqual(skips(decision), ['10:05-10:10 ×2 coalesced'])
    assert.equal(decision.mark, at('10:15:00'))
  })

  test('latest runs the newest however late where no window forbids it', () => {
    const decision = decide(scheduled('daily at 01:00', '00:00:00'), '23:00:00')
    assert.deepEqual(runs(decision), ['01:00'])
  })

  test('latest beyond grace does not start business-hours work at night', () => {
    const decision = decide(scheduled('every 30 minutes and between 09:00 and 17:00', '08:00:00'), '22:00:00')
    assert.deepEqual(runs(decision), [])
    assert.deepEqual(skips(decision), ['09:00-16:30 ×16 missed'])
  })

  test('none runs the newest only within grace', () => {
    const policies: PolicyOptions = { catchUp: 'none', grace: '2 minutes' }
    assert.deepEqual(runs(decide(scheduled('hourly', '09:30:00', policies), '10:02:00')), ['10:00'])
    const late = decide(scheduled('hourly', '08:30:00', policies), '10:02:01')
    assert.deepEqual(runs(late), [])
    assert.deepEqual(skips(late), ['09:00-10:00 ×2 missed'])
    assert.match(late.skips[0]?.detail ?? '', /late by 2m1s, grace is 2m/)
  })

  test('all gives each its run, oldest first, as many as the limit, and implies queueing', () => {
    const decision = decide(scheduled('hourly', '01:30:00', { catchUp: 'all', catchUpLimit: 3 }), '10:10:00')
    assert.deepEqual(runs(decision), ['08:00'])
    assert.deepEqual(opens(decision), ['09:00', '10:00'])
    assert.deepEqual(skips(decision), ['02:00-07:00 ×6 missed'])
  })

  test('all leaves what is older than its window', () => {
    const decision = decide(scheduled('hourly', '01:30:00', { catchUp: 'all', catchUpWindow: '2 h' }), '10:00:00')
    assert.deepEqual([...runs(decision), ...opens(decision)], ['08:00', '09:00', '10:00'])
  })
})

describe('overlap, while run 41 is running', () => {
  const due = (policies: PolicyOptions, more: Partial<Subject> = running): Decision =>
    decide(scheduled('every 5 minutes', '10:00:00', policies), '10:05:00', more)

  test('skip records the moment and names the run', () => {
    const decision = due({})
    assert.deepEqual(runs(decision), [])
    assert.deepEqual(skips(decision), ['10:05-10:05 ×1 overlap'])
    assert.equal(decision.skips[0]?.detail, 'run 41 was still running')
  })

  test('queue lets the newest wait and coalesces the one that waited', () => {
    const decision = due({ overlap: 'queue' }, { ...running, open: [waitingRow(7, '10:00:00')] })
    assert.deepEqual(opens(decision), ['10:05'])
    assert.deepEqual(
      decision.dropped.map(row => [row.id, row.reason]),
      [[7, 'coalesced']],
    )
  })

  test('queue releases what waits once nothing runs', () => {
    const waiting = { open: [waitingRow(7, '10:00:00')] }
    const decision = decide(scheduled('every 5 minutes', '10:00:00', { overlap: 'queue' }), '10:01:00', waiting)
    assert.deepEqual(decision.released, [{ id: 7 }])
  })

  test('queueAll lets up to n wait, in order, then skips', () => {
    const open = [waitingRow(7, '09:55:00'), waitingRow(8, '10:00:00')]
    assert.deepEqual(opens(due({ overlap: { queueAll: 3 } }, { ...running, open })), ['10:05'])
    assert.deepEqual(skips(due({ overlap: { queueAll: 2 } }, { ...running, open })), ['10:05-10:05 ×1 overlap'])
    assert.deepEqual(due({ overlap: { queueAll: 2 } }, { open }).released, [{ id: 7 }])
  })

  test('cancelPrevious cancels it, and the new one waits until it is terminal', () => {
    const decision = due({ overlap: 'cancelPrevious' })
    assert.deepEqual(decision.cancels, [41])
    assert.deepEqual(opens(decision), ['10:05'])
  })

  test('cancelPrevious starts at once when what it cancels is only queued', () => {
    const decision = due(
      { overlap: 'cancelPrevious' },
      { unfinished: [{ id: id(41), state: 'queued', expiresAt: null }] },
    )
    assert.deepEqual(decision.cancels, [41])
    assert.deepEqual(runs(decision), ['10:05'])
  })

  test('allow runs beside it up to n', () => {
    assert.deepEqual(runs(due({ overlap: { allow: 2 } })), ['10:05'])
    assert.deepEqual(skips(due({ overlap: { allow: 1 } })), ['10:05-10:05 ×1 overlap'])
  })
})

describe('bounds', () => {
  test('startAt: nothing before it', () => {
    const schedule = scheduled('hourly', '00:30:00', { startAt: '2026-01-05T08:00:00Z' })
    assert.equal(decide(schedule, '07:30:00').nextAt, at('08:00:00'))
    assert.deepEqual(runs(decide(schedule, '08:00:00')), ['08:00'])
  })

  test('endAt: the last moment runs, then the schedule is ended', () => {
    const decision = decide(scheduled('hourly', '07:30:00', { endAt: '2026-01-05T08:00:00Z' }), '08:00:00')
    assert.deepEqual(runs(decision), ['08:00'])
    assert.equal(decision.status, 'ended')
    assert.equal(decision.nextAt, null)
  })

  test('maxRuns ends it with its last run', () => {
    const decision = decide(scheduled('hourly', '07:30:00', { maxRuns: 5 }, { runsCreated: 4 }), '08:00:00')
    assert.deepEqual(runs(decision), ['08:00'])
    assert.equal(decision.status, 'ended')
  })

  test('a one-off is ended by its run', () => {
    const decision = decide(scheduled('at 2026-01-05T08:00', '07:30:00'), '08:00:00')
    assert.deepEqual(runs(decision), ['08:00'])
    assert.equal(decision.status, 'ended')
  })

  test('jitter moves the look, never the nominal time', () => {
    const schedule = scheduled('hourly', '07:30:00', { jitter: '10 minutes' })
    const { nextAt } = decide(schedule, '07:45:00')
    assert.ok(nextAt !== null && nextAt >= at('08:00:00') && nextAt <= at('08:10:00'))
    assert.deepEqual(runs(judge({ schedule, unfinished: [], open: [], known: null }, nextAt)), ['08:00'])
  })
})

describe('a paused schedule', () => {
  const paused = { at: at('09:00:00'), by: 'ada', why: null, until: null }

  test('records its moments as one skip with a count, and starts nothing', () => {
    const decision = decide(scheduled('every 5 minutes', '10:00:00', {}, { paused }), '10:16:00')
    assert.deepEqual(runs(decision), [])
    assert.deepEqual(skips(decision), ['10:05-10:15 ×3 paused'])
    assert.equal(decision.skips[0]?.detail, 'paused by ada')
  })

  test('closes what was waiting', () => {
    const open = [waitingRow(7, '10:00:00')]
    const decision = decide(scheduled('every 5 minutes', '10:00:00', { overlap: 'queue' }, { paused }), '10:01:00', {
      open,
    })
    assert.equal(decision.dropped[0]?.reason, 'paused')
  })
})

describe('a clock that was set back', () => {
  test('a mark more than an hour ahead moves to now, and is told', () => {
    const decision = decide(scheduled('every 5 minutes', '12:00:00'), '10:00:00', { isAsRead: true })
    assert.equal(decision.mark, at('10:00:00'))
    assert.equal(decision.clockSetBack, 7_200_000)
    assert.deepEqual(runs(decision), [])
  })

  test('of a row that others changed since it was read the mark says nothing: whoever judges may have stood still', () => {
    for (const condition of ['every 5 minutes', "every 5 minutes and 'db' is running"]) {
      const decision = decide(scheduled(condition, '12:00:00'), '10:00:00')
      assert.equal(decision.mark, at('12:00:00'))
      assert.equal(decision.clockSetBack, null)
      assert.deepEqual([runs(decision), skips(decision)], [[], []])
    }
  })

  test('a mark up to an hour ahead is waited for', () => {
    const decision = decide(scheduled('every 5 minutes', '10:30:00'), '10:00:00')
    assert.equal(decision.mark, at('10:30:00'))
    assert.equal(decision.clockSetBack, null)
  })
})

test('a condition that cannot be read makes the schedule unloadable, and says why', () => {
  const decision = decide(scheduled('every banana', '10:00:00'), '10:05:00')
  assert.equal(decision.status, 'unloadable')
  assert.equal(decision.nextAt, null)
  assert.ok(decision.problem !== null && decision.problem.length > 0)
})
