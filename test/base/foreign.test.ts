import assert from 'node:assert/strict'
import { test } from 'node:test'
import { neutral } from '../../src/base/foreign.ts'

test('an escape sequence becomes a picture of itself', () => {
  assert.equal(neutral('\u001B[2J\u001B]8;;http://evil.test\u0007news'), '␛[2J␛]8;;http://evil.test␇news')
})

test('foreign text stays on its line', () => {
  assert.equal(neutral('a\r\nb\tc\u2028d\u2029e\u0085f'), 'a␍␊b␉c�d�e�f')
})

test('bidi marks, C1 controls, DEL, half characters and the byte order mark are shown, not obeyed', () => {
  for (const harmful of ['\u202E', '\u2066', '\u200F', '\u061C', '\u009B', '\uD800', '\uFEFF']) {
    assert.equal(neutral(`a${harmful}b`), 'a�b', JSON.stringify(harmful))
  }
  assert.equal(neutral('a\u007Fb'), 'a␡b')
})

test('letters of any script and emoji stay as they are', () => {
  const text = 'Nachrichten für 東京, новости, خبر, 👩‍👩‍👧'
  assert.equal(neutral(text), text)
})

test('long text is cut, between whole characters', () => {
  assert.equal(neutral('abcdef', 4), 'abc…')
  assert.equal(neutral('abcd', 4), 'abcd')
  assert.equal(neutral('ab🎉cd', 4), 'ab…')
})
