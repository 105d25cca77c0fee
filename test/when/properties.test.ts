import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { instant } from '../../src/base/instant.ts'
import { isRotaError } from '../../src/base/errors.ts'
import { clausesOf } from '../../src/when/clauses.ts'
import type { Condition } from '../../src/when/condition.ts'
import { parse } from '../../src/when/parse.ts'
import { print } from '../../src/when/print.ts'
import { compile } from '../../src/when/timetable.ts'
import { condition } from './conditions.ts'

const zones = fc.constantFrom(
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe',
  'America/Nuuk',
  'Asia/Kathmandu',
)
// A good part of them around changes of the clocks.
const instants = fc
  .oneof(
    fc.integer({ min: 0, max: Date.UTC(2100, 0, 1) }),
    fc
      .tuple(
        fc.constantFrom(
          '2025-03-30T01:00Z',
          '2025-10-26T01:00Z',
          '2026-03-08T07:00Z',
          '2026-11-01T06:00Z',
          '2026-04-04T15:00Z',
        ),
        fc.integer({ min: -5 * 3_600_000, max: 5 * 3_600_000 }),
      )
      .map(([change, off]) => Date.parse(change) + off),
  )
  .map(instant)
const fewClauses = condition.filter(each => countable(each))

const sample = fc.record({
  condition: fewClauses,
  timezone: zones,
  after: instants,
  back: fc.integer({ min: 0, max: 1e11 }),
})

test('what is printed is read back as the same, and printed the same', () => {
  fc.assert(
    fc.property(condition, data => {
      const text = print(data)
      fc.pre(text.length <= 1_000)
      assert.deepEqual(parse(text), data)
      assert.equal(print(parse(text)), text)
    }),
    { numRuns: 2_000, seed: 1 },
  )
})

test('the next moment is later, and stays the same until it is reached', () => {
  fc.assert(
    fc.property(sample, fc.double({ min: 0, max: 1, noNaN: true }), (given, part) => {
      const times = compile(given.condition, given.timezone)
      const anchor = instant(given.after - given.back)
      const next = times.next(given.after, anchor)
      if (next === null) return
      assert.ok(next > given.after)
      const between = instant(given.after + Math.floor((next - given.after - 1) * part))
      assert.equal(times.next(between, anchor), next)
      assert.equal(times.next(instant(next - 1), anchor), next)
      assert.notEqual(times.next(next, anchor), next)
    }),
    { numRuns: 2_000, seed: 2 },
  )
})

test('the previous moment is the mirror of the next', () => {
  fc.assert(
    fc.property(sample, given => {
      const times = compile(given.condition, given.timezone)
      const anchor = instant(given.after - given.back)
      const next = times.next(given.after, anchor)
      if (next !== null) assert.equal(times.previous(instant(next + 1), anchor), next)
      const latest = times.previous(instant(given.after + 1), anchor)
      if (latest === null) return
      assert.ok(latest <= given.after)
      assert.equal(times.next(instant(latest - 1), anchor), latest)
      assert.equal(times.next(latest, anchor), next)
      if (next !== null) assert.equal(times.previous(next, anchor), latest)
    }),
    { numRuns: 2_000, seed: 3 },
  )
})

test('nothing that is counted from the anchor lies before it', () => {
  fc.assert(
    fc.property(sample, fc.integer({ min: 1, max: 1e11 }), (given, ahead) => {
      const counted = given.condition.kind === 'interval' || given.condition.kind === 'soon'
      fc.pre(counted)
      const times = compile(given.condition, given.timezone)
      const anchor = instant(given.after + ahead)
      assert.ok((times.next(given.after, anchor) ?? anchor) >= anchor)
      assert.equal(times.previous(anchor, anchor), null)
    }),
    { numRuns: 200, seed: 4 },
  )
})

test('the period is the shortest gap among the next moments', () => {
  fc.assert(
    fc.property(sample, given => {
      const times = compile(given.condition, given.timezone)
      const moments = [times.next(given.after, given.after)]
      while (moments.length < 32 && moments.at(-1) !== null) {
        moments.push(times.next(moments.at(-1) ?? instant(0), given.after))
      }
      const real = moments.filter(each => each !== null)
      const gaps = real.slice(1).map((at, index) => at - (real[index] ?? 0))
      assert.equal(times.period(given.after, given.after), gaps.length === 0 ? null : Math.min(...gaps))
    }),
    { numRuns: 100, seed: 5 },
  )
})

function countable(each: Condition): boolean {
  try {
    return clausesOf(each).length <= 8
  } catch (error) {
    if (isRotaError(error, 'CONDITION_TOO_LONG')) return false
    throw error
  }
}
