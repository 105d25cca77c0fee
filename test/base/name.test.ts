import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { isRotaError } from '../../src/base/errors.ts'
import { checkName } from '../../src/base/name.ts'

test('a name is letters and digits of any script, with . _ : - inside', () => {
  for (const name of [
    'news',
    'a',
    '7',
    'bet-9ja.com',
    'news:fr',
    'Nachrichten_Wien',
    'новости',
    '新闻',
    'हिन्दी',
    'x'.repeat(100),
  ]) {
    assert.equal(checkName('task', name), name)
  }
})

test('what would be trouble in a shell, an address or a terminal is refused', () => {
  const refused = [
    '',
    ' ',
    'a b',
    '-a',
    '.a',
    '../x',
    'a/b',
    'a\\b',
    `a'b`,
    'a"b',
    'a\nb',
    'a\u001B[2J',
    'a\u202Eb',
    'a\0',
    '<b>',
    'x'.repeat(101),
    '😀',
  ]
  for (const name of refused)
    assert.throws(() => checkName('task', name), { code: 'NAME_INVALID' }, JSON.stringify(name))
})

test('what is no text is refused by its kind', () => {
  for (const name of [undefined, null, 7, {}, ['news'], Symbol('news')]) {
    assert.throws(
      () => checkName('schedule', name),
      error =>
        isRotaError(error, 'NAME_INVALID') && error.message.startsWith(`a ${typeof name} is not a name for a schedule`),
    )
  }
})

test('no name holds a character that an address would have to escape, but letters', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 12 }), name => {
      try {
        checkName('task', name)
      } catch {
        return
      }
      assert.doesNotMatch(name, /[\s/\\?#%&"'<>`\p{Cc}\p{Cf}]/u)
    }),
    { numRuns: 500 },
  )
})
