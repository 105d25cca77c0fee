import assert from 'node:assert/strict'
import test from 'node:test'
import { asError, isRotaError, RotaError } from '../../src/base/errors.ts'

test('an error knows how HTTP and the shell repeat it', () => {
  const error = new RotaError('TASK_UNKNOWN', "No task is named 'news'.", { details: { task: 'news' } })
  assert.deepEqual([error.status, error.exit, error.title], [404, 3, 'No task has this name.'])
  assert.equal(error.message, "No task is named 'news'.")
  assert.deepEqual(error.details, { task: 'news' })
})

test('an error without its own words says the general ones, and has no details', () => {
  const error = new RotaError('STORE_FULL')
  assert.equal(error.message, error.title)
  assert.deepEqual(error.details, {})
  assert.equal('cause' in error, false)
})

test('the cause is kept', () => {
  const cause = new TypeError('deep')
  assert.equal(new RotaError('INTERNAL', undefined, { cause }).cause, cause)
})

test("Rota's own errors are told from others, and by their code", () => {
  const error = new RotaError('RUN_UNKNOWN')
  assert.ok(isRotaError(error))
  assert.ok(isRotaError(error, 'RUN_UNKNOWN'))
  assert.ok(!isRotaError(error, 'RUN_ALREADY_OVER'))
  for (const other of [new Error('RUN_UNKNOWN'), { code: 'RUN_UNKNOWN' }, null, 'RUN_UNKNOWN'])
    assert.ok(!isRotaError(other))
})

test('whatever a handler throws becomes an Error that says something', () => {
  const own = new RangeError('own')
  assert.equal(asError(own), own)
  assert.equal(asError('words').message, 'words')
  assert.match(asError({ status: 500 }).message, /"status":500/)
  assert.match(asError(undefined).message, /undefined/)
  assert.match(asError(10n).message, /bigint/)
  assert.match(asError(Symbol('s')).message, /Symbol\(s\)/)
  assert.ok(asError('x'.repeat(10) + 'y').message.length < 300)
  assert.ok(asError({ text: 'x'.repeat(100_000) }).message.length < 300)
})

test('a thrown value that cannot even be looked at is an Error all the same', () => {
  const cycle: { self?: unknown } = {}
  cycle.self = cycle
  const trap = {
    get toJSON(): never {
      throw new Error('no')
    },
  }
  const bare: unknown = Object.create(null)
  const revoked = Proxy.revocable({}, {})
  revoked.revoke()
  for (const thrown of [cycle, trap, bare, revoked.proxy]) assert.ok(asError(thrown) instanceof Error)
})
