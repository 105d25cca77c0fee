import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { duration } from '../../src/base/duration.ts'
import { formatInstant, instant } from '../../src/base/instant.ts'
import type { Instant } from '../../src/base/instant.ts'
import type { Alarm } from '../../src/domain/notice.ts'
import { defaultPolicies } from '../../src/domain/schedule.ts'
import type { Policies, Schedule } from '../../src/domain/schedule.ts'
import { watch } from '../../src/domain/silence.ts'
import type { Watched } from '../../src/domain/silence.ts'
import { scheduleRow } from '../server/plain-app.ts'

const START = instant(Date.UTC(2026, 0, 5, 10))
const at = (time: string): Instant => instant(Date.parse(`2026-01-05T${time}Z`))

type Row = Partial<Omit<Schedule, 'task' | 'policies'>> & { readonly policies?: Partial<Policies> }

const watched = (row: Row = {}, part: Partial<Watched> = {}): Watched => ({
  schedule: scheduleRow({
    name: 'news',
    condition: 'hourly',
    anchor: START,
    mark: START,
    nextAt: null,
    ...row,
    policies: { ...defaultPolicies, grace: duration(600_000), ...row.policies },
  }),
  since: START,
  goodAt: null,
  waitsSince: null,
  suspectedAt: null,
  open: [],
  ...part,
})

/** Looks when it is asked to, until then: "12:10:00 silent late". */
const watchUntil = (from: Watched, until: Instant): readonly string[] => {
  const lines: string[] = []
  let state = from
  let look: Instant | null = START
  while (look !== null && look <= until) {
    const now: Instant = look
    const seen = watch(state, now)
    let open: readonly Alarm[] = state.open
    for (const { tellings, raised, cleared } of seen.told) {
      for (const { kind, key } of tellings)
        lines.push(`${formatInstant(now).slice(11, 19)} ${kind} ${key.split(' ')[2]}`)
      open = [
        ...open.filter(({ kind }) => !cleared.includes(kind) && !raised.some(one => one.kind === kind)),
        ...raised,
      ]
    }
    state = { ...state, open, suspectedAt: seen.suspectedAt }
    assert.ok(seen.lookAt === null || seen.lookAt > now, 'the next look is later')
    look = seen.lookAt
  }
  return lines
}

describe('a schedule without a good run', () => {
  test('is late at the second expected moment and its grace, stale at the fourth, and no more', () => {
    assert.deepEqual(watchUntil(watched(), at('23:00:00')), ['12:10:00 silent late', '14:10:00 silent stale'])
  })

  test('counts from the end of its last good run', () => {
    const seen = watch(watched({}, { goodAt: at('12:30:00') }), at('12:31:00'))
    assert.equal(seen.lookAt, at('14:10:00'))
  })

  test('expects nothing before startAt and after endAt', () => {
    const bounds = { startAt: at('15:00:00'), endAt: at('17:30:00') }
    assert.deepEqual(watchUntil(watched({ policies: bounds }), at('23:00:00')), ['16:10:00 silent late'])
  })

  test('that waits for facts, is paused, or is ended is not silent, and is not looked at', () => {
    for (const row of [
      { usesFacts: true },
      { status: 'ended' },
      { paused: { at: START, by: 'ada', why: null, until: null } },
    ] as const)
      assert.deepEqual(
        watch(watched(row), at('23:00:00')),
        { told: [], lookAt: null, suspectedAt: null },
        JSON.stringify(row),
      )
  })

  test('is judged the same whenever somebody looks: never before its instant, always from then on', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 86_400 }), seconds => {
        const now = instant(START + seconds * 1_000)
        const told = watch(watched(), now).told.flatMap(({ tellings }) => tellings)
        assert.equal(told.length, now >= at('12:10:00') ? 1 : 0)
      }),
    )
  })
})

describe('an opportunity that nobody takes up', () => {
  const due = { nextAt: at('10:30:00'), usesFacts: true }

  test('is overdue after twice the grace, seen twice', () => {
    assert.equal(watch(watched(due), at('10:49:59')).lookAt, at('10:50:00'))
    assert.deepEqual(watchUntil(watched(due), at('12:00:00')), ['10:50:30 overdue '])
  })

  test('is so at the earliest a minute after it was due', () => {
    const quick = { ...due, policies: { grace: duration(0) } }
    assert.equal(watch(watched(quick), at('10:30:59')).lookAt, at('10:31:00'))
  })

  test('may be a run that waits for its first start', () => {
    const lines = watchUntil(watched({ usesFacts: true }, { waitsSince: at('10:10:00') }), at('12:00:00'))
    assert.deepEqual(lines, ['10:30:30 overdue '])
  })

  test('is not told when a second look finds it decided: the machine had slept', () => {
    const first = watch(watched(due), at('18:00:00'))
    assert.deepEqual([first.told, first.suspectedAt, first.lookAt], [[], at('18:00:00'), at('18:00:30')])
    const moved = watched({ ...due, nextAt: at('19:00:00') }, { suspectedAt: at('18:00:00') })
    const second = watch(moved, at('18:00:30'))
    assert.deepEqual([second.told, second.suspectedAt], [[], null])
  })

  test('is told to be over once it was decided', () => {
    const [told] = watch(watched(due, { suspectedAt: at('10:50:00') }), at('10:51:00')).told
    const open = told?.raised ?? []
    const later = watch(watched({ ...due, nextAt: at('11:30:00') }, { open }), at('11:00:00'))
    assert.deepEqual(
      later.told.flatMap(({ tellings, cleared }) => [...tellings.map(({ text }) => text), ...cleared]),
      ["'news' goes on: it was overdue since 2026-01-05T10:30:00Z", 'overdue'],
    )
  })
})
