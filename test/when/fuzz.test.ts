import assert from 'node:assert/strict'
import test, { mock } from 'node:test'
import fc from 'fast-check'
import { isRotaError, RotaError } from '../../src/base/errors.ts'
import { parse } from '../../src/when/parse.ts'
import { print } from '../../src/when/print.ts'
import { Reader } from '../../src/when/reader.ts'
import { suggestion } from '../../src/when/suggestion.ts'
import { condition, cronText } from './conditions.ts'

const words =
  `every hourly daily weekly monthly yearly between before after on in at from until through not and or the last
  day days weeks month 5 15 09:00 :15 1st 2nd 2026-12-01 Monday Sat-Sun January 'news' ( ) , - & | ~ * */5 1-5 L 15W 5#2 @daily
  @every 9am 30 2026-13-45T99:99 1h30m 0.1 ms s minutes \u0000 “ ’ -1 ${'9'.repeat(20)} __proto__ constructor`.split(
    /\s+/,
  )

const phrase = fc.array(fc.constantFrom(...words), { maxLength: 25 }).map(list => list.join(' '))

const changed = fc
  .tuple(
    fc.oneof(condition.map(print), cronText),
    fc.nat(),
    fc.nat({ max: 3 }),
    fc.string({ maxLength: 3, unit: 'binary' }),
  )
  .map(
    ([text, at, cut, more]) =>
      text.slice(0, at % (text.length + 1)) + more + text.slice((at % (text.length + 1)) + cut),
  )

test('any text is read or refused by one of two codes, and what is read prints to what is read again', () => {
  fc.assert(
    fc.property(fc.oneof(phrase, changed, fc.string({ maxLength: 60, unit: 'binary' })), text => {
      const read = attempt(text)
      if (read instanceof RotaError) {
        assert.ok(['CONDITION_UNREADABLE', 'CONDITION_TOO_LONG'].includes(read.code))
        const { hint } = read.details
        if (typeof hint === 'string' && !isWord(text, hint)) assert.equal(print(parse(hint)), hint)
      } else if (print(read).length <= 1_000) assert.deepEqual(parse(print(read)), read)
    }),
    { numRuns: 4_000, seed: 1 },
  )
})

test('a position lies in the text, or at its end', () => {
  fc.assert(
    fc.property(fc.oneof(phrase, changed), text => {
      const read = attempt(text)
      if (!isRotaError(read, 'CONDITION_UNREADABLE')) return
      const position = Number(read.details['position'])
      const found = String(read.details['found'])
      assert.ok(position >= 0 && position <= text.length, `${position} of ${text.length}`)
      const shown = found.slice(0, 1).replace('\u{FFFD}', text[position] ?? '')
      assert.ok(found === '' || text[position]?.toUpperCase() === shown.toUpperCase(), `${found} at ${position}`)
    }),
    { numRuns: 1_000, seed: 2 },
  )
})

// Work, not time: a machine may be slow, but the number of tokens taken does not depend on it.
test('reading takes each token a few times at most, however long the text', () => {
  const units = [
    '(',
    ')',
    'not ',
    'and ',
    'on the 1st-',
    'daily at 09:00, ',
    'every ',
    "'",
    '1h',
    '* ',
    '1,',
    'a',
    '0',
    ':',
    '-',
    ' ',
  ]
  for (const unit of units) {
    const text = unit.repeat(1_000).slice(0, 1_000)
    const taken = tokensTakenFor(text)
    assert.ok(taken <= 6 * text.length, `${taken} tokens for ${JSON.stringify(unit)}`)
  }
})

test('a suggestion tries a text a few times at most', () => {
  for (const text of [
    'evry 5 minuts bnetween 9am an 5pm on weekdas',
    'x '.repeat(400),
    'daily on '.repeat(100),
    '9'.repeat(999),
  ]) {
    let attempts = 0
    const failing = (): never => {
      attempts++
      throw new RotaError('CONDITION_UNREADABLE', 'no', { details: { position: 0 } })
    }
    suggestion(text, new RotaError('CONDITION_UNREADABLE', 'no', { details: { position: 0 } }), failing)
    assert.ok(attempts <= 5, `${attempts} attempts`)
  }
})

test('a megabyte is refused for its length, without being looked at', () => {
  for (const unit of ['(', 'not ', '0 0 * * * and ', 'a', "'", '9', '((((a+)+)+)+)']) {
    assert.throws(
      () => parse(unit.repeat(1_000_000)),
      error => isRotaError(error, 'CONDITION_TOO_LONG'),
    )
  }
})

function attempt(text: string): ReturnType<typeof parse> | RotaError {
  try {
    return parse(text)
  } catch (error) {
    assert.ok(error instanceof RotaError, String(error))
    return error
  }
}

/** Hints about one word inside cron text are that word alone. */
function isWord(text: string, hint: string): boolean {
  return /^(@\w+|[A-Z]{3}|last day)$/.test(hint) && !attemptIsFine(hint) && text !== ''
}

function attemptIsFine(text: string): boolean {
  return !(attempt(text) instanceof RotaError)
}

function tokensTakenFor(text: string): number {
  const take = mock.method(Reader.prototype, 'take')
  try {
    attempt(text)
    return take.mock.callCount()
  } finally {
    take.mock.restore()
  }
}
