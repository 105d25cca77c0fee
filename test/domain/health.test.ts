import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { instant } from '../../src/base/instant.ts'
import type { RunId, TaskName } from '../../src/base/name.ts'
import { goodToRecover, judgeHealth, unknownHealth, verdictsOf } from '../../src/domain/health.ts'
import type { Health, HealthState } from '../../src/domain/health.ts'
import type { Unit } from '../../src/domain/unit.ts'

const HOUR = 3_600_000
const subject = { kind: 'source', name: 'betpawa' } as const
const start = unknownHealth(subject, instant(0))

/** The health after each letter of a story: `g` good, `b` bad, `a` a refused credential; one verdict every `apart`. */
const told = (story: string, before: Health = start, apart = HOUR): Health => {
  let health = before
  let at = before.lastGoodAt ?? 0
  at = Math.max(at, ...before.failures, before.since)
  for (const letter of story) {
    at += apart
    health = judgeHealth(health, {
      at: instant(at),
      run: 1 as RunId,
      bad: letter !== 'g',
      auth: letter === 'a',
      why: letter === 'g' ? null : 'transient: no answer',
    })
  }
  return health
}

const states = (story: string, apart?: number): readonly HealthState[] => {
  const seen: HealthState[] = []
  for (let length = 1; length <= story.length; length++) seen.push(told(story.slice(0, length), start, apart).state)
  return seen
}

test('nothing is known before the third verdict', () => {
  assert.deepEqual(states('ggg'), ['unknown', 'unknown', 'healthy'])
  assert.deepEqual(states('bgb'), ['unknown', 'unknown', 'healthy'])
  assert.deepEqual(told('gg').reasons, ['2 of 3 verdicts needed'])
})

test('three bad in a row make it fail, two do not', () => {
  assert.deepEqual(states('gggbbgbbb').slice(-4), ['healthy', 'healthy', 'healthy', 'failing'])
  assert.equal(told('bbb').state, 'failing')
  assert.deepEqual(told('gggbbb').reasons, ['3 bad in a row', 'transient: no answer'])
})

test('one refused credential makes it fail at once, even as the first verdict', () => {
  assert.equal(told('a').state, 'failing')
  assert.equal(told('gggga').state, 'failing')
})

test('a refused credential is no good verdict, though most of the run was fine', () => {
  let health = told('ggga')
  const mostlyFine = { at: instant(100 * HOUR), run: 1 as RunId, bad: false, auth: true, why: 'auth: 401' }
  health = judgeHealth(judgeHealth(health, mostlyFine), mostlyFine)
  assert.deepEqual([health.state, health.goodInARow, health.reasons], ['failing', 0, ['auth: 401']])
})

test('after its first failure in a day it needs two good verdicts to recover', () => {
  assert.deepEqual(states('gggbbbgg').slice(-3), ['failing', 'failing', 'healthy'])
  assert.deepEqual(told('gggbbbg').reasons[0], 'recovering: 1 of 2 good runs in a row')
})

test('a bad verdict on the way starts the recovery again', () => {
  assert.deepEqual(states('gggbbbgbgg').slice(-4), ['failing', 'failing', 'failing', 'healthy'])
})

test('each further failure within 24 hours doubles what it needs, up to 24', () => {
  const minutes = 60_000
  const enters = (health: Health): Health => told('bbb', health, minutes)
  let health = told('ggg', start, minutes)
  const needed: number[] = []
  for (let entry = 0; entry < 6; entry++) {
    health = enters(health)
    assert.equal(health.state, 'failing')
    needed.push(goodToRecover(health))
    health = told('g'.repeat(goodToRecover(health) - 1), health, minutes)
    assert.equal(health.state, 'failing')
    health = told('g', health, minutes)
    assert.notEqual(health.state, 'failing')
  }
  assert.deepEqual(needed, [2, 4, 8, 16, 24, 24])
})

test('failures older than 24 hours are forgotten', () => {
  const health = told('gggbbbgg')
  assert.equal(told('bbb', told('g'.repeat(30), health)).failures.length, 1)
})

test('the failure that lasts counts however long ago it began', () => {
  assert.deepEqual(states('bbbbbgg', 24 * HOUR).slice(-3), ['failing', 'failing', 'healthy'])
})

test('five bad of the last twenty make it degraded, once there are ten', () => {
  assert.equal(told('bgbgbgbgbg').state, 'degraded')
  assert.deepEqual(states('bgbgbgbgb').at(-1), 'healthy')
  assert.equal(told(`${'g'.repeat(11)}bgbgbgbgg`).state, 'healthy')
  assert.equal(told(`${'g'.repeat(11)}bgbgbgbgb`).state, 'degraded')
  assert.deepEqual(told(`${'g'.repeat(11)}bgbgbgbgb`).reasons, [
    '5 of the last 20 runs were bad',
    'transient: no answer',
  ])
})

test('degraded mends at one bad of the last twenty', () => {
  const degraded = told(`${'g'.repeat(11)}bgbgbgbgb`)
  const seen = Array.from({ length: 20 }, (_, more) => told('g'.repeat(more + 1), degraded).state)
  // The four older bad ones leave the window with the 12th, 14th, 16th and 18th verdict after them; one may stay.
  assert.equal(seen.indexOf('healthy'), 17)
})

test('out of failing it is degraded, not healthy, while too many of the last were bad', () => {
  assert.equal(told('gggggbbbbbgg').state, 'degraded')
})

test('since and the last good verdict are kept through verdicts that change nothing', () => {
  const failing = told('gggbbb')
  assert.deepEqual([failing.since, failing.lastGoodAt], [6 * HOUR, 3 * HOUR])
  assert.equal(told('bbb', failing).since, 6 * HOUR)
})

test('whatever the verdicts: bounded memory, a state that its numbers explain', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('g', 'g', 'g', 'b', 'b', 'a'), { maxLength: 120 }), letters => {
      const health = told(letters.join(''), start, HOUR / 2)
      assert.ok(health.recent >= 0 && health.recent < 2 ** 20 && health.judged <= 20 && health.failures.length <= 48)
      assert.ok(health.badInARow === 0 || health.goodInARow === 0)
      if (health.badInARow >= 3) assert.equal(health.state, 'failing')
      if (health.goodInARow >= 24) assert.equal(health.state, 'healthy')
      assert.equal(health.state === 'unknown', letters.length < 3 && !letters.includes('a'))
    }),
    { numRuns: 300 },
  )
})

const run = { id: 7 as RunId, task: 'betting' as TaskName, endedAt: instant(HOUR), error: null, detail: null } as const
const unit = (source: string, state: Unit['state'], verdict: Unit['verdict'] = 'ok', detail: string | null = null) =>
  ({ source, state, verdict, detail }) as const

test('a run without units speaks of its task alone', () => {
  const error = { name: 'Error', message: 'no disk' }
  assert.deepEqual(verdictsOf({ ...run, state: 'failed', error }, [], false), [
    { at: HOUR, run: 7, subject: { kind: 'task', name: 'betting' }, bad: true, auth: false, why: 'no disk' },
  ])
  assert.deepEqual(
    verdictsOf({ ...run, state: 'succeeded' }, [], false).map(each => each.bad),
    [false],
  )
})

test('a run of a source that never got as far as a unit speaks of the source, too', () => {
  const said = verdictsOf({ ...run, state: 'failed' }, [], true)
  assert.deepEqual(
    said.map(each => [each.subject.kind, each.bad]),
    [
      ['task', true],
      ['source', true],
    ],
  )
})

test('a run that was not executed to its end says nothing', () => {
  for (const state of ['skipped', 'cancelled', 'running', 'retrying'] as const)
    assert.deepEqual(verdictsOf({ ...run, state }, [], true), [])
})

test('a source is bad when more than half its units failed, each source by itself', () => {
  const units = [
    unit('a', 'failed', 'transient', 'no answer'),
    unit('a', 'failed', 'contract'),
    unit('a', 'succeeded'),
    unit('b', 'failed', 'auth', '401'),
    unit('b', 'partial', 'truncated'),
    unit('c', 'succeeded', 'unchanged'),
  ]
  const said = verdictsOf({ ...run, state: 'partial' }, units, false)
  assert.deepEqual(
    said.map(({ subject: { name }, bad, auth, why }) => [name, bad, auth, why]),
    [
      ['betting', false, false, null],
      ['a', true, false, 'transient: no answer'],
      ['b', false, true, 'auth: 401'],
      ['c', false, false, null],
    ],
  )
})
