/** Deciding before the instant: the same decisions, and no second look where one is enough. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { instant, parseInstant } from '../../src/base/instant.ts'
import type { Instant } from '../../src/base/instant.ts'
import type { RunId, TaskName } from '../../src/base/name.ts'
import { foresee } from '../../src/domain/decision-rows.ts'
import type { Judge, Subject } from '../../src/domain/opportunity.ts'
import { policiesFrom } from '../../src/domain/schedule.ts'
import type { PolicyOptions, Schedule } from '../../src/domain/schedule.ts'
import { judgeWith } from '../../src/scheduler/due.ts'
import { JudgedAhead } from '../../src/scheduler/judged-ahead.ts'
import { nextLookAt } from '../../src/scheduler/moments.ts'
import { timetable } from '../../src/when/timetable.ts'

const MARK = parseInstant('2026-01-05T08:55:00Z')

const scheduled = (condition: string, options: PolicyOptions = {}, mark: Instant = MARK): Schedule => {
  const policies = policiesFrom(options)
  const part = { name: 'news', anchor: MARK, policies }
  return {
    id: 1,
    task: 'fetch' as TaskName,
    input: null,
    condition,
    timezone: 'UTC',
    tags: [],
    origin: 'code',
    declaredHash: null,
    declared: true,
    createdAt: MARK,
    since: MARK,
    revision: 1,
    version: 1,
    mark,
    highestMark: mark,
    nextAt: nextLookAt(part, timetable(condition, 'UTC'), mark),
    paused: null,
    status: 'active',
    problem: null,
    runsCreated: 0,
    lastNominalAt: null,
    usesFacts: false,
    ...part,
  }
}

const idle = (schedule: Schedule): Subject => ({ schedule, unfinished: [], open: [], known: null })

const later = (schedule: Schedule, ms: number): Instant => instant((schedule.nextAt ?? MARK) + ms)

/** A judge that counts how often it is asked. */
const counting = () => {
  const real = judgeWith({ attemptsAllowed: () => 3 })
  const counted = { asked: 0 }
  const judge: Judge = (subject, at) => {
    counted.asked++
    return real(subject, at)
  }
  return { ahead: new JudgedAhead(judge), counted, real }
}

test('whatever is asked, the answer is that of the judge, and what it comes to where it was foreseen', () => {
  const options = fc.record({
    grace: fc.constantFrom('0 ms', '200 ms', '1 s', '1 h'),
    catchUp: fc.constantFrom('latest' as const, 'none' as const, 'all' as const),
    overlap: fc.constantFrom('skip' as const, 'queue' as const, { queueAll: 2 }),
    jitter: fc.constantFrom('0 ms', '400 ms'),
  })
  const condition = fc.constantFrom(
    'every 300 ms',
    'every 1 second',
    'every 5 minutes',
    'daily at 09:00',
    'every 5 minutes and between 08:00 and 09:00',
    '*/2 * * * * *',
  )
  const late = fc.integer({ min: -500, max: 2_500 })
  const before = fc.integer({ min: 0, max: 600_000 })
  fc.assert(
    fc.property(condition, options, late, before, fc.boolean(), (text, policies, ms, back, isBusy) => {
      const { ahead, real } = counting()
      const schedule = scheduled(text, policies, instant(MARK + back))
      ahead.prepare([schedule])
      const unfinished = isBusy ? [{ id: 41 as RunId, state: 'running' as const, expiresAt: null }] : []
      const subject = { ...idle(schedule), unfinished }
      const at = later(schedule, ms)
      const { foreseen, ...answer } = ahead.judge(subject, at)
      const decision = real(subject, at)
      assert.deepEqual(answer, decision)
      if (foreseen !== undefined) assert.deepEqual(foreseen, foresee(schedule, decision))
    }),
    { numRuns: 2_000 },
  )
})

test('what was judged ahead is not judged again at its instant, nor a moment after', () => {
  const { ahead, counted } = counting()
  const schedule = scheduled('every 5 minutes')
  ahead.prepare([schedule])
  const { asked } = counted
  assert.ok(ahead.judge(idle(schedule), later(schedule, 0)).foreseen)
  assert.ok(ahead.judge(idle(schedule), later(schedule, 1_000)).foreseen)
  assert.equal(counted.asked, asked)
})

test('a schedule that was read again, is busy, early or too late is judged', () => {
  const { ahead, counted } = counting()
  const schedule = scheduled('every 5 minutes')
  ahead.prepare([schedule])
  const { asked } = counted
  ahead.judge(idle({ ...schedule }), later(schedule, 0))
  const row = { id: 7 as RunId, nominalAt: MARK, causedBy: null, waitsFor: { kind: 'overlap' } } as const
  ahead.judge({ ...idle(schedule), open: [row] }, later(schedule, 0))
  ahead.judge(idle(schedule), later(schedule, -1))
  ahead.judge(idle(schedule), later(schedule, 1_001))
  assert.equal(counted.asked, asked + 4)
})

test('one that cannot be judged does not keep the others from it', () => {
  const real = judgeWith({ attemptsAllowed: () => 3 })
  let asked = 0
  const ahead = new JudgedAhead((subject, at) => {
    asked++
    if (subject.schedule.name === 'broken') throw new Error('no')
    return real(subject, at)
  })
  const broken = { ...scheduled('every 5 minutes'), name: 'broken' }
  const sound = scheduled('every 5 minutes')
  ahead.prepare([broken, sound])
  assert.throws(() => ahead.judge(idle(broken), later(broken, 0)))
  const before = asked
  ahead.judge(idle(sound), later(sound, 0))
  assert.equal(asked, before)
})
