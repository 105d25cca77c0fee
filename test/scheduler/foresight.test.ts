/** What is foreseen before an instant is what judging comes to at it. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { instant, parseInstant } from '../../src/base/instant.ts'
import type { Instant } from '../../src/base/instant.ts'
import type { TaskName } from '../../src/base/name.ts'
import { foresee } from '../../src/domain/decision-rows.ts'
import type { Subject } from '../../src/domain/opportunity.ts'
import { policiesFrom } from '../../src/domain/schedule.ts'
import type { PolicyOptions, Schedule } from '../../src/domain/schedule.ts'
import { judgeWith } from '../../src/scheduler/due.ts'
import { Foresight } from '../../src/scheduler/foresight.ts'
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

const judge = judgeWith({ attemptsAllowed: () => 3 })

const looking = (...schedules: readonly Schedule[]): Foresight => {
  const foresight = new Foresight(judge)
  foresight.prepare(schedules)
  return foresight
}

test('whatever is foreseen is what the judge says at the instant', () => {
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
  let foreseen = 0
  fc.assert(
    fc.property(condition, options, late, before, (text, policies, ms, back) => {
      const schedule = scheduled(text, policies, instant(MARK + back))
      const at = later(schedule, ms)
      const seen = looking(schedule).of(schedule, at)
      if (seen === null) return
      foreseen++
      const decision = judge(idle(schedule), at)
      const { runs, opens, skips, released, held, dropped, cancels } = decision
      assert.equal(runs.length, 1)
      assert.deepEqual([opens, skips, released, held, dropped, cancels].flat(), [])
      assert.deepEqual(seen, foresee(schedule, decision))
    }),
    { numRuns: 2_000 },
  )
  assert.ok(foreseen > 200, `${foreseen}`)
})

test('of a schedule of time alone that is as it was read, at its instant and for a second after it', () => {
  const schedule = scheduled('every 5 minutes')
  const foresight = looking(schedule)
  const { run, schedule: after } = foresight.of(schedule, later(schedule, 0)) ?? assert.fail()
  assert.deepEqual([run.state, run.nominalAt, run.attempt], ['running', schedule.nextAt, 1])
  assert.deepEqual([after.mark, after.nextAt, after.runsCreated], [schedule.nextAt, later(schedule, 300_000), 1])
  assert.ok(foresight.of(schedule, later(schedule, 1_000)))
  assert.equal(foresight.of(schedule, later(schedule, -1)), null)
  assert.equal(foresight.of(schedule, later(schedule, 1_001)), null)
  assert.equal(foresight.of({ ...schedule }, later(schedule, 0)), null)
  foresight.forget()
  assert.equal(foresight.of(schedule, later(schedule, 0)), null)
})

test('nothing is foreseen of what has to be seen at its instant', () => {
  const sound = scheduled('every 5 minutes')
  const paused = { at: MARK, by: 'ada', why: null, until: sound.nextAt }
  const unforeseen = [
    { ...sound, usesFacts: true },
    { ...sound, paused },
    { ...sound, nextAt: null },
  ]
  const foresight = looking(...unforeseen)
  for (const schedule of unforeseen) assert.equal(foresight.of(schedule, later(sound, 0)), null)
})

test('one that cannot be judged does not keep the others from it', () => {
  const foresight = new Foresight((subject, at) => {
    if (subject.schedule.name === 'broken') throw new Error('no')
    return judge(subject, at)
  })
  const broken = { ...scheduled('every 5 minutes'), name: 'broken' }
  const sound = scheduled('every 5 minutes')
  foresight.prepare([broken, sound])
  assert.equal(foresight.of(broken, later(broken, 0)), null)
  assert.ok(foresight.of(sound, later(sound, 0)))
})
