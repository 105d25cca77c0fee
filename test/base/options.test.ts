import assert from 'node:assert/strict'
import test from 'node:test'
import { isRotaError } from '../../src/base/errors.ts'
import { refuseUnknownOptions } from '../../src/base/options.ts'

test('known options pass, also when their value is undefined', () => {
  refuseUnknownOptions('A schedule', {}, ['grace'])
  refuseUnknownOptions('A schedule', { grace: undefined }, ['grace'])
})

test('an unknown option is refused with the nearest name, or with all names where none is near', () => {
  assert.throws(() => refuseUnknownOptions('A schedule', { grase: 1 }, ['grace', 'jitter']), {
    message: `A schedule has no option 'grase'. Did you mean 'grace'?`,
    details: { option: 'grase', hint: 'grace' },
  })
  assert.throws(() => refuseUnknownOptions('A schedule', { colour: 1 }, ['grace', 'jitter']), {
    message: `A schedule has no option 'colour'. It has grace, jitter.`,
    details: { option: 'colour' },
  })
})

test('a name from the prototype of every object is no option', () => {
  for (const text of ['{"__proto__": 1}', '{"constructor": 1}', '{"toString": 1}']) {
    assert.throws(() => refuseUnknownOptions('A task', JSON.parse(text) as object, ['retry']), {
      code: 'OPTION_INVALID',
    })
  }
})

test('a very long name is shown cut', () => {
  assert.throws(
    () => refuseUnknownOptions('A task', { ['x'.repeat(100_000)]: 1 }, ['retry']),
    error => isRotaError(error) && error.message.length < 100,
  )
})
