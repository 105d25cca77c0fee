import assert from 'node:assert/strict'
import test from 'node:test'
import { instant } from '../../src/base/instant.ts'
import { durationMs, finalStates, isOver, lateMs, liveStates, runErrorOf, runStates } from '../../src/domain/run.ts'

test('every state is live or final, and none is both', () => {
  assert.deepEqual(
    runStates.map(state => isOver({ state })),
    runStates.map(state => finalStates.some(each => each === state)),
  )
  assert.equal(new Set([...liveStates, ...finalStates]).size, runStates.length)
})

test('lateness and duration are known only when both their ends are', () => {
  const [nominalAt, startedAt, endedAt] = [instant(1_000), instant(1_250), instant(4_250)]
  assert.equal(lateMs({ nominalAt, startedAt }), 250)
  assert.equal(lateMs({ nominalAt: null, startedAt }), null)
  assert.equal(lateMs({ nominalAt, startedAt: null }), null)
  assert.equal(durationMs({ startedAt, endedAt }), 3_000)
  assert.equal(durationMs({ startedAt, endedAt: null }), null)
})

test('an error is kept with its code, stack and causes', () => {
  const cause = Object.assign(new TypeError('refused'), { code: 'ECONNREFUSED' })
  const kept = runErrorOf(new Error('no answer', { cause }))
  assert.deepEqual(
    [kept.name, kept.message, kept.cause?.name, kept.cause?.code],
    ['Error', 'no answer', 'TypeError', 'ECONNREFUSED'],
  )
  assert.match(kept.stack ?? '', /^Error: no answer\n +at /)
})

test('an error is kept bounded, however long its texts and its chain of causes', () => {
  const wide = Object.assign(new Error('x'.repeat(1_000_000)), { name: 'y'.repeat(1_000), code: 'z'.repeat(1_000) })
  const kept = runErrorOf(wide)
  assert.deepEqual([kept.message.length, kept.name.length, kept.code?.length], [4_000, 100, 100])
  assert.ok((kept.stack?.length ?? 0) <= 16_000)

  const loop = new Error('again')
  loop.cause = loop
  let depth = 0
  for (
    let error: ReturnType<typeof runErrorOf> | undefined = runErrorOf(loop);
    error !== undefined;
    error = error.cause
  )
    depth++
  assert.equal(depth, 5)
})

test('whatever else is thrown is kept in words', () => {
  assert.deepEqual(runErrorOf('words'), { name: 'Thrown', message: 'words' })
  assert.deepEqual(runErrorOf({ status: 500 }), { name: 'Thrown', message: '{"status":500}' })
  assert.deepEqual(runErrorOf(undefined), { name: 'Thrown', message: 'undefined' })
  assert.deepEqual(runErrorOf(10n), { name: 'Thrown', message: 'a value of type bigint' })
})

test('an error that throws when it is read is still recorded', () => {
  const traps = ['name', 'message', 'code', 'stack', 'cause'].map(field =>
    Object.defineProperty(new Error('trap'), field, {
      get: () => {
        throw new Error('not even this')
      },
    }),
  )
  for (const trap of traps) assert.equal(runErrorOf(trap).message, 'an error whose fields cannot be read')
  const revoked = Proxy.revocable(new Error('gone'), {})
  revoked.revoke()
  assert.deepEqual(runErrorOf(revoked.proxy), { name: 'Thrown', message: 'a value of type object' })
})

test('an error with a number for a code keeps none: codes are words', () => {
  assert.equal('code' in runErrorOf(Object.assign(new Error('x'), { code: 404 })), false)
})
