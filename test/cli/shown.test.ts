/** What a person sees: tables, distances in time, local times, colours. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { about } from '../../src/base/duration.ts'
import { parseInstant } from '../../src/base/instant.ts'
import { lineLog } from '../../src/cli/lines.ts'
import { cut, table, widthOf } from '../../src/cli/table.ts'
import { wantsColors } from '../../src/cli/terminal.ts'
import { localTime, relative } from '../../src/cli/times.ts'
import { StringTerminal } from './terminals.ts'

const plain = { columns: null, paintTitle: (text: string): string => text }

test('columns are aligned, numbers at the right, without spaces at the end', () => {
  const text = table(
    [{ title: 'run', align: 'right' }, { title: 'task' }],
    [
      ['7', 'news'],
      ['1042', 'odds'],
    ],
    plain,
  )
  assert.equal(text, ' RUN  TASK\n   7  news\n1042  odds\n')
})

test('wide characters count double, marks and joiners not at all', () => {
  assert.equal(widthOf('東京'), 4)
  assert.equal(widthOf('e\u0301'), 1)
  assert.equal(widthOf('🎉'), 2)
  assert.equal(
    table(
      [{ title: 'a' }, { title: 'b' }],
      [
        ['東京', 'x'],
        ['abcd', 'y'],
      ],
      plain,
    ),
    'A     B\n東京  x\nabcd  y\n',
  )
  assert.equal(cut('東京都庁', 5), '東京…')
})

test('foreign text is neutralised and cut, and colours are laid on afterwards', () => {
  const paint = (text: string): string => `<${text}>`
  const text = table(
    [{ title: 'why', widest: 8 }, { title: 'x' }],
    [[{ text: '\u001B[31mred\nblood', paint }, '1']],
    plain,
  )
  assert.equal(text, 'WHY       X\n<␛[31mre…>  1\n')
})

test('on a narrow terminal the widest columns give way until a line fits', () => {
  const row = ['1042', 'a'.repeat(40), 'b'.repeat(20)]
  const lines = table([{ title: 'run' }, { title: 'why' }, { title: 'task' }], [row], { ...plain, columns: 40 }).split(
    '\n',
  )
  assert.deepEqual(
    lines.map(line => line.length <= 40),
    [true, true, true],
  )
  assert.match(lines[1] ?? '', /^1042 {2}a+… {2}b+…$/)
})

test('a column that must be whole stays whole, whatever the width', () => {
  const columns = [{ title: 'due', whole: true }, { title: 'why' }]
  const lines = table(columns, [['2026-11-22T09:00:00Z', 'a'.repeat(40)]], { ...plain, columns: 35 }).split('\n')
  assert.equal(lines[1], `2026-11-22T09:00:00Z  ${'a'.repeat(12)}…`)
})

test('a length is told in at most two units', () => {
  const told = [0, 850, 1_500, 45_000, 330_000, 600_000, 12_000_000, 93_600_000, 1_000_000_000].map(about)
  assert.deepEqual(told, ['0 ms', '850 ms', '1.5 s', '45 s', '5 min 30 s', '10 min', '3 h 20 min', '1 d 2 h', '11 d'])
})

test('an instant is told by its distance from now', () => {
  const now = parseInstant('2026-11-22T09:00:00Z')
  assert.equal(relative(parseInstant('2026-11-22T09:05:00Z'), now), 'in 5 min')
  assert.equal(relative(parseInstant('2026-11-22T08:59:00Z'), now), '1 min ago')
  assert.equal(relative(parseInstant('2026-11-22T09:00:00.400Z'), now), 'now')
})

test('local time is told with weekday and offset, in both passes of a fold', () => {
  const at = (text: string, zone: string): string => localTime(parseInstant(text), zone)
  assert.equal(at('2026-10-25T00:30:00Z', 'Europe/Berlin'), 'Sun 2026-10-25 02:30:00 +02:00')
  assert.equal(at('2026-10-25T01:30:00Z', 'Europe/Berlin'), 'Sun 2026-10-25 02:30:00 +01:00')
  assert.equal(at('2026-01-01T00:00:00.500Z', 'America/St_Johns'), 'Wed 2025-12-31 20:30:00.500 -03:30')
})

test('a log line is one line, whatever its message and fields are', () => {
  const terminal = new StringTerminal()
  const circle: Record<string, unknown> = {}
  circle['self'] = circle
  const error = new Error('no \u001B[2Jmoney\nat all')
  lineLog(terminal, { run: 7 }).warn('two\nlines', { error, task: 'news', circle, big: 1n, words: 'a b' })
  const [line = '', ...rest] = terminal.err.split('\n')
  assert.deepEqual(rest, [''])
  assert.match(
    line,
    /^2026-11-22T09:00:00.085Z warn {2}two␊lines {2}run=7 {2}error="no \\u001b\[2Jmoney\\nat all" {2}task=news /,
  )
  assert.match(line, /circle=\(Converting circular.*big=\(.*BigInt\) {2}words="a b"$/)
})

test('colours are for terminals, unless the environment says otherwise', () => {
  assert.equal(wantsColors(true, {}), true)
  assert.equal(wantsColors(false, {}), false)
  assert.equal(wantsColors(true, { NO_COLOR: '1' }), false)
  assert.equal(wantsColors(true, { NO_COLOR: '1', FORCE_COLOR: '1' }), false)
  assert.equal(wantsColors(false, { FORCE_COLOR: '1' }), true)
  assert.equal(wantsColors(true, { FORCE_COLOR: '0' }), false)
  assert.equal(wantsColors(true, { TERM: 'dumb' }), false)
})
