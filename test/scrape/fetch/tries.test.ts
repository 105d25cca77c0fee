import assert from 'node:assert/strict'
import { test } from 'node:test'
import { instant } from '../../../src/base/instant.ts'
import { verdicts } from '../../../src/domain/unit.ts'
import { nextTry, noTries, pauseWithoutWord } from '../../../src/scrape/fetch/tries.ts'
import type { Objection } from '../../../src/scrape/fetch/judge.ts'
import { START } from '../world.ts'

const policy = { tries: 3, deadline: null }
const after = (ms: number) => instant(START + ms)

test('only what may pass is tried again', () => {
  const again = verdicts.filter(verdict => {
    const objection = { verdict, detail: '', until: after(1_000) } as Objection
    return nextTry(noTries, objection, policy, START, () => 1).kind === 'again'
  })
  assert.deepEqual(again, ['transient', 'rate_limited'])
})

test('pauses between tries double, up to 30 s, and anything below is as likely', () => {
  const transient: Objection = { verdict: 'transient', detail: '' }
  const many = { tries: 20, deadline: null }
  const pauses = Array.from({ length: 7 }, (_, failed) => {
    const next = nextTry({ failed, waits: 0 }, transient, many, START, () => 1)
    return next.kind === 'again' ? next.at - START : null
  })
  assert.deepEqual(pauses, [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000])
  const least = nextTry(noTries, transient, policy, START, () => 0)
  assert.deepEqual(least, { kind: 'again', at: START, tries: { failed: 1, waits: 0 } })
})

test('tries are counted; waits are not tries', () => {
  const transient: Objection = { verdict: 'transient', detail: '' }
  assert.equal(nextTry({ failed: 1, waits: 4 }, transient, policy, START, () => 1).kind, 'again')
  assert.equal(nextTry({ failed: 2, waits: 0 }, transient, policy, START, () => 1).kind, 'end')
  const told: Objection = { verdict: 'rate_limited', detail: '', until: after(60_000) }
  assert.deepEqual(
    nextTry({ failed: 2, waits: 4 }, told, policy, START, () => 1),
    {
      kind: 'again',
      at: after(60_000),
      tries: { failed: 2, waits: 5 },
    },
  )
  assert.equal(nextTry({ failed: 0, waits: 5 }, told, policy, START, () => 1).kind, 'end')
})

test('a wait of more than a minute, or beyond the end of the run, belongs between runs', () => {
  const told = (ms: number): Objection => ({ verdict: 'rate_limited', detail: '', until: after(ms) })
  assert.equal(nextTry(noTries, told(60_001), policy, START, () => 1).kind, 'end')
  assert.equal(nextTry(noTries, told(10_000), { tries: 3, deadline: after(10_000) }, START, () => 1).kind, 'end')
  assert.equal(nextTry(noTries, told(10_000), { tries: 3, deadline: after(10_001) }, START, () => 1).kind, 'again')
})

test('without a word the pause grows from 5 s to a minute', () => {
  assert.deepEqual(
    [0, 1, 2, 3, 4, 9].map(waits => pauseWithoutWord({ failed: 0, waits }, START) - START),
    [5_000, 10_000, 20_000, 40_000, 60_000, 60_000],
  )
})
