import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { instant } from '../../src/base/instant.ts'
import type { RunId, TaskName } from '../../src/base/name.ts'
import { usualPlace } from '../../src/domain/limits.ts'
import type { Outcome } from '../../src/domain/outcome.ts'
import { isOver, runStates } from '../../src/domain/run.ts'
import type { Run, RunError, RunState } from '../../src/domain/run.ts'
import { step } from '../../src/domain/run-machine.ts'
import type { Refusal, RunEvent } from '../../src/domain/run-machine.ts'

const at = instant(10_000)
const error: RunError = { name: 'Error', message: 'no answer' }
const succeeded: Outcome = { kind: 'succeeded', result: { pages: 3 } }
const failed: Outcome = { kind: 'failed', reason: 'error', error, retryAt: null, free: false }
const retried: Outcome = { ...failed, retryAt: instant(12_000) }

const runIn = (state: RunState, more: Partial<Run> = {}): Run => {
  const executed = state !== 'open' && state !== 'queued' && state !== 'skipped'
  return {
    id: 1042 as RunId,
    task: 'news' as TaskName,
    scheduleId: 1,
    schedule: 'news',
    root: null,
    state,
    reason: null,
    detail: null,
    trigger: { kind: 'schedule' },
    nominalAt: instant(9_000),
    lastNominalAt: null,
    count: 1,
    createdAt: instant(9_001),
    startedAt: executed ? instant(9_002) : null,
    endedAt: isOver({ state }) ? instant(9_900) : null,
    attempt: executed ? 1 : 0,
    attemptsAllowed: 3,
    deaths: 0,
    fence: executed ? 1 : 0,
    worker: state === 'running' ? 'w1' : null,
    retryAt: state === 'retrying' ? at : null,
    expiresAt: null,
    cancelRequestedAt: null,
    cancelledBy: null,
    input: null,
    result: null,
    error: null,
    unitsOk: 0,
    unitsFailed: 0,
    memoryMb: null,
    ...usualPlace,
    ...more,
  }
}

const refusals: Readonly<Record<string, Refusal>> = { OVER: 'over', FENCED: 'fenced', 'NOT-NOW': 'not now' }

const after = (run: Run, event: RunEvent): Run => {
  const { run: next, refused } = step(run, event)
  assert.equal(refused, undefined)
  return next
}

const fence = 1
const events: readonly RunEvent[] = [
  { kind: 'release', at, trigger: null, expiresAt: null },
  { kind: 'skip', at, reason: 'expired', detail: 'too old' },
  { kind: 'claim', at, worker: 'w2' },
  { kind: 'finish', at, fence, outcome: succeeded },
  { kind: 'finish', at, fence, outcome: { kind: 'partial', result: 9, detail: 'page 10 did not answer' } },
  { kind: 'finish', at, fence, outcome: failed },
  { kind: 'finish', at, fence, outcome: retried },
  { kind: 'cancel', at, by: 'anna' },
  { kind: 'give back', at, fence },
  { kind: 'worker died', at, fence },
  { kind: 'refuse', at, detail: 'no list' },
  { kind: 'begin flow', at },
  { kind: 'end flow', at, state: 'succeeded', detail: null },
]

// One column an event, in the order above: the state after it, or in capitals why it changes nothing.
const table: Readonly<Record<RunState, string>> = {
  open: 'queued skipped NOT-NOW FENCED FENCED FENCED FENCED cancelled FENCED FENCED failed NOT-NOW NOT-NOW',
  queued: 'NOT-NOW skipped running FENCED FENCED FENCED FENCED cancelled FENCED FENCED NOT-NOW running NOT-NOW',
  running: 'NOT-NOW NOT-NOW NOT-NOW succeeded partial failed retrying running queued retrying NOT-NOW NOT-NOW NOT-NOW',
  retrying: 'NOT-NOW NOT-NOW running FENCED FENCED FENCED FENCED cancelled FENCED FENCED NOT-NOW NOT-NOW NOT-NOW',
  succeeded: 'OVER OVER OVER OVER OVER OVER OVER OVER OVER OVER OVER OVER OVER',
  partial: 'OVER OVER OVER OVER OVER OVER OVER OVER OVER OVER OVER OVER OVER',
  failed: 'OVER OVER OVER OVER OVER OVER OVER OVER OVER OVER OVER OVER OVER',
  cancelled: 'OVER OVER OVER OVER OVER OVER OVER OVER OVER OVER OVER OVER OVER',
  skipped: 'OVER OVER OVER OVER OVER OVER OVER OVER OVER OVER OVER OVER OVER',
}

for (const state of runStates) {
  const answers = table[state].split(' ')
  for (const [index, event] of events.entries()) {
    const answer = answers[index] ?? 'missing from the table'
    const what =
      event.kind === 'finish'
        ? `finish as ${event.outcome.kind}${event.outcome === retried ? ', to be retried,' : ''}`
        : event.kind
    test(`${what} of a run that is ${state}: ${answer}`, () => {
      const run = runIn(state)
      const result = step(run, event)
      if (answer === answer.toLowerCase()) {
        assert.equal(result.refused, undefined)
        assert.equal(result.run.state, answer)
      } else {
        assert.equal(result.refused, refusals[answer])
        assert.equal(result.run, run)
      }
    })
  }
}

test('a claim starts the next attempt, raises the fence, and keeps the first start', () => {
  const first = after(runIn('queued'), { kind: 'claim', at, worker: 'w1' })
  assert.deepEqual([first.attempt, first.fence, first.worker, first.startedAt], [1, 1, 'w1', at])
  const waiting = after(first, { kind: 'finish', at, fence: 1, outcome: retried })
  assert.deepEqual(
    [waiting.worker, waiting.retryAt, waiting.error, waiting.endedAt],
    [null, instant(12_000), error, null],
  )
  const second = after(waiting, { kind: 'claim', at: instant(12_000), worker: 'w2' })
  assert.deepEqual([second.attempt, second.fence, second.startedAt, second.retryAt], [2, 2, at, null])
})

test('a retrying run is not claimed before its time', () => {
  const run = runIn('retrying', { retryAt: instant(10_001) })
  assert.equal(step(run, { kind: 'claim', at, worker: 'w2' }).refused, 'not now')
})

test('a worker whose fence was raised changes nothing', () => {
  const run = runIn('running', { attempt: 2, fence: 2 })
  for (const event of events) if ('fence' in event) assert.deepEqual(step(run, event), { run, refused: 'fenced' })
})

test('a result is kept; a failure keeps its error and its reason', () => {
  const running = runIn('running', { error, deaths: 1 })
  const good = after(running, { kind: 'finish', at, fence, outcome: succeeded })
  assert.deepEqual([good.result, good.error, good.endedAt, good.deaths, good.worker], [{ pages: 3 }, null, at, 0, null])
  const bad = after(running, { kind: 'finish', at, fence, outcome: { ...failed, reason: 'timeout' } })
  assert.deepEqual([bad.reason, bad.error, bad.endedAt], ['timeout', error, at])
})

test('a wait that the other side asked for uses up no attempt', () => {
  const free = after(runIn('running'), { kind: 'finish', at, fence, outcome: { ...retried, free: true } })
  assert.deepEqual([free.state, free.attempt, free.attemptsAllowed], ['retrying', 1, 4])
})

test('cancelling a running run asks it to stop; whatever comes out then is evidence, and it is never retried', () => {
  const asked = after(runIn('running'), { kind: 'cancel', at, by: 'anna' })
  assert.deepEqual([asked.state, asked.cancelRequestedAt, asked.cancelledBy], ['running', at, 'anna'])
  const again = after(asked, { kind: 'cancel', at: instant(11_000), by: 'ben' })
  assert.deepEqual([again.cancelRequestedAt, again.cancelledBy], [at, 'anna'])

  const late = instant(20_000)
  const done = after(again, { kind: 'finish', at: late, fence, outcome: succeeded })
  assert.deepEqual(
    [done.state, done.result, done.detail, done.endedAt],
    ['cancelled', { pages: 3 }, 'cancelled by anna', late],
  )
  const broken = after(again, { kind: 'finish', at: late, fence, outcome: retried })
  assert.deepEqual([broken.state, broken.error, broken.retryAt], ['cancelled', error, null])
  assert.equal(after(again, { kind: 'give back', at: late, fence }).state, 'cancelled')
  assert.equal(after(again, { kind: 'worker died', at: late, fence }).state, 'cancelled')
})

test('cancelling a run that waits ends it at once', () => {
  for (const state of ['open', 'queued', 'retrying'] as const) {
    const run = after(runIn(state), { kind: 'cancel', at, by: 'anna' })
    assert.deepEqual([run.state, run.endedAt, run.retryAt, run.detail], ['cancelled', at, null, 'cancelled by anna'])
  }
})

test('given back, a run with retries waits again and has used up no attempt', () => {
  const back = after(runIn('running'), { kind: 'give back', at, fence })
  assert.deepEqual([back.state, back.attempt, back.attemptsAllowed, back.worker, back.fence], ['queued', 1, 4, null, 1])
})

test('given back, a run with a single attempt has had it', () => {
  const back = after(runIn('running', { attemptsAllowed: 1 }), { kind: 'give back', at, fence })
  assert.deepEqual([back.state, back.reason, back.endedAt], ['failed', 'stopped', at])
})

test('after its first worker died a run is due where it stood in the line, after the second with a wait, after the third never', () => {
  const many = { attemptsAllowed: 10 }
  const first = after(runIn('running', many), { kind: 'worker died', at, fence })
  assert.deepEqual([first.state, first.retryAt, first.deaths], ['retrying', first.createdAt, 1])
  const second = after(runIn('running', { ...many, deaths: 1 }), { kind: 'worker died', at, fence })
  assert.deepEqual([second.state, second.retryAt, second.deaths], ['retrying', instant(at + 2_000), 2])
  const third = after(runIn('running', { ...many, deaths: 2 }), { kind: 'worker died', at, fence })
  assert.deepEqual([third.state, third.reason, third.endedAt], ['failed', 'quarantined', at])
})

test('a worker that dies consumes the attempt: with none left the run is lost', () => {
  const lost = after(runIn('running', { attemptsAllowed: 1 }), { kind: 'worker died', at, fence })
  assert.deepEqual([lost.state, lost.reason, lost.retryAt], ['failed', 'lost', null])
})

test('an attempt that ends by itself ends the row of deaths', () => {
  const died = after(runIn('running'), { kind: 'worker died', at, fence })
  const claimed = after(died, { kind: 'claim', at, worker: 'w2' })
  assert.equal(claimed.deaths, 1)
  assert.equal(after(claimed, { kind: 'finish', at, fence: claimed.fence, outcome: retried }).deaths, 0)
})

test('a released run forgets what it waited for', () => {
  const open = runIn('open', { reason: 'overlap', detail: 'run 1041 was still running' })
  const run = after(open, { kind: 'release', at, trigger: null, expiresAt: null })
  assert.deepEqual([run.reason, run.detail], [null, null])
})

test('the run of a flow runs from its beginning, executed by nobody, and ends as its steps did', () => {
  const begun = after(runIn('queued', { expiresAt: instant(12_000) }), { kind: 'begin flow', at })
  assert.deepEqual(
    [begun.state, begun.root, begun.startedAt, begun.attempt, begun.fence, begun.worker, begun.expiresAt],
    ['running', begun.id, at, 0, 0, null, null],
  )
  const end = { kind: 'end flow', at: instant(11_000), state: 'failed', detail: 'of 3 runs 1 failed' } as const
  const over = after(begun, end)
  assert.deepEqual([over.state, over.reason, over.detail, over.endedAt], ['failed', 'error', end.detail, end.at])
  assert.equal(step(runIn('running'), end).refused, 'not now')
})

test('a flow that somebody wants cancelled ends so, however its steps did', () => {
  const begun = after(runIn('queued'), { kind: 'begin flow', at })
  const asked = after(begun, { kind: 'cancel', at, by: 'anna' })
  const over = after(asked, { kind: 'end flow', at, state: 'succeeded', detail: null })
  assert.deepEqual([over.state, over.detail], ['cancelled', 'cancelled by anna'])
})

// Which states may follow which, from the table of the design.
const followers: Readonly<Record<string, readonly RunState[]>> = {
  open: ['queued', 'skipped', 'cancelled', 'failed'],
  queued: ['running', 'skipped', 'cancelled', 'failed'],
  running: ['running', 'succeeded', 'partial', 'failed', 'cancelled', 'retrying', 'queued'],
  retrying: ['running', 'cancelled', 'failed'],
}

interface Throw {
  readonly kind: RunEvent['kind']
  readonly outcome: Outcome['kind']
  readonly retry: boolean
  readonly free: boolean
  readonly stale: boolean
  readonly later: number
}

const thrown: fc.Arbitrary<Throw> = fc.record({
  kind: fc.constantFrom<RunEvent['kind']>(
    'release',
    'skip',
    'claim',
    'claim',
    'finish',
    'finish',
    'cancel',
    'give back',
    'worker died',
    'refuse',
    'begin flow',
    'end flow',
  ),
  outcome: fc.constantFrom('succeeded', 'partial', 'failed', 'failed', 'failed'),
  retry: fc.boolean(),
  free: fc.boolean(),
  stale: fc.boolean(),
  later: fc.nat(5_000),
})

const eventFor = (run: Run, { kind, outcome, retry, free, stale }: Throw, now: number): RunEvent => {
  const moment = instant(now)
  const named = { at: moment, fence: run.fence - (stale ? 1 : 0) }
  switch (kind) {
    case 'skip':
      return { kind, at: moment, reason: 'expired', detail: 'too old' }
    case 'claim':
      return { kind, at: moment, worker: 'w' }
    case 'cancel':
      return { kind, at: moment, by: 'anna' }
    case 'finish': {
      if (outcome !== 'failed') return { kind, ...named, outcome: { kind: outcome, result: 1, detail: 'most of it' } }
      const again = retry && (free || run.attempt < run.attemptsAllowed)
      return { kind, ...named, outcome: { ...failed, retryAt: again ? instant(now + 100) : null, free: again && free } }
    }
    case 'give back':
    case 'worker died':
      return { kind, ...named }
    case 'refuse':
      return { kind, at: moment, detail: 'no list' }
    case 'begin flow':
      return { kind, at: moment }
    case 'end flow':
      return { kind, at: moment, state: outcome, detail: null }
    case 'hold':
      return { kind, at: moment, trigger: null, detail: null }
    case 'release':
      return { kind, at: moment, trigger: null, expiresAt: null }
    default:
      return kind satisfies never
  }
}

test('whatever happens in whatever order: steps of the table only, attempts without gaps, a fence that only rises, ends that last', () => {
  const start = fc.record({
    state: fc.constantFrom('open' as const, 'queued' as const),
    attemptsAllowed: fc.integer({ min: 1, max: 5 }),
  })
  fc.assert(
    fc.property(start, fc.array(thrown, { maxLength: 40 }), ({ state, attemptsAllowed }, throws) => {
      let run = runIn(state, { attemptsAllowed })
      let now = 10_000
      for (const each of throws) {
        now += each.later
        const event = eventFor(run, each, now)
        const { run: next, refused } = step(run, event)
        if (isOver(run)) assert.equal(refused, 'over')
        if (refused !== undefined) {
          assert.equal(next, run)
          continue
        }
        assert.ok(followers[run.state]?.includes(next.state), `${run.state} → ${next.state}`)
        const claimed = event.kind === 'claim' ? 1 : 0
        assert.equal(next.attempt, run.attempt + claimed)
        const fenced = event.kind === 'claim' || event.kind === 'worker died' ? 1 : 0
        assert.equal(next.fence, run.fence + fenced)
        assert.ok(next.attempt <= next.attemptsAllowed)
        assert.equal(next.worker !== null, next.state === 'running' && next.root === null)
        assert.equal(next.retryAt !== null, next.state === 'retrying')
        assert.equal(next.endedAt !== null, isOver(next))
        if ('fence' in event && each.stale) assert.fail('a stale fence was accepted')
        run = next
      }
    }),
    { numRuns: 2_000 },
  )
})
