import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { call, shell, start } from './terminals.ts'

const AFTER = '2026-01-01T00:00:00Z'

const ask = (line: object): string =>
  `${JSON.stringify({ id: 1, condition: 'hourly', timezone: 'UTC', after: AFTER, count: 1, ...line })}\n`

const answers = async (...pieces: readonly string[]): Promise<readonly Record<string, unknown>[]> => {
  const { out, exit } = await call(['next', '--batch'], { input: pieces })
  assert.equal(exit, 0)
  return out
    .split('\n')
    .slice(0, -1)
    .map(line => JSON.parse(line) as Record<string, unknown>)
}

const codeOf = (answer: Record<string, unknown> | undefined): unknown =>
  (answer?.['error'] as { code?: unknown } | undefined)?.code

test('the batch answers every row of the cron vectors, in order, in one process', async () => {
  interface Row {
    readonly id: string
    readonly expression: string
    readonly timezone: string
    readonly after: string
    readonly next: readonly string[]
  }
  const { rows } = JSON.parse(readFileSync(new URL('../vectors/cron-next.json', import.meta.url), 'utf8')) as {
    rows: readonly Row[]
  }
  const input = rows.map(row =>
    ask({ id: row.id, condition: row.expression, timezone: row.timezone, after: row.after, count: row.next.length }),
  )
  const { exit, out, err } = await shell(['next', '--batch'], { input: input.join('') })
  const lines = out
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line) as { id: string; next: unknown })
  assert.deepEqual(
    lines.map(({ id, next }) => ({ id, next })),
    rows.map(({ id, next }) => ({ id, next })),
  )
  assert.deepEqual({ exit, err }, { exit: 0, err: '' })
})

test('the batch refuses the cron text that must be refused, and only that', async () => {
  const text = readFileSync(new URL('../vectors/cron-invalid.json', import.meta.url), 'utf8')
  const vectors = JSON.parse(text) as { rows: readonly { expression: string; expected: string }[] }
  const rows = vectors.rows.filter(row => row.expected === 'reject' || row.expected === 'accept')
  const told = await answers(...rows.map(row => ask({ condition: row.expression })))
  const verdicts = told.map(answer => ('error' in answer ? 'reject' : 'accept'))
  assert.deepEqual(
    verdicts,
    rows.map(row => row.expected),
  )
})

test('a line gives the condition as Rota writes it and UTC instants, with milliseconds only where there are any', async () => {
  assert.deepEqual(
    await answers(ask({ id: 'a', condition: 'every day at 9:00', timezone: 'Europe/Berlin', count: 2 })),
    [{ id: 'a', condition: 'daily at 09:00', next: ['2026-01-01T08:00:00Z', '2026-01-02T08:00:00Z'] }],
  )
  const [answer] = await answers(ask({ condition: 'every 500 ms', count: 2 }))
  assert.deepEqual(answer?.['next'], ['2026-01-01T00:00:00.500Z', '2026-01-01T00:00:01Z'])
})

test('the anchor is `after` unless it is given, and `after` takes an offset', async () => {
  const [counted, anchored] = await answers(
    ask({ condition: 'every 90 minutes', after: '2026-01-01T10:07:00+01:00' }),
    ask({ condition: 'every 90 minutes', after: '2026-01-01T10:07:00+01:00', anchor: AFTER }),
  )
  assert.deepEqual(counted?.['next'], ['2026-01-01T10:37:00Z'])
  assert.deepEqual(anchored?.['next'], ['2026-01-01T10:30:00Z'])
})

test('the zone is UTC unless it is given', async () => {
  const { timezone: _, ...line } = { id: 1, timezone: 0, condition: 'daily at 09:00', after: AFTER, count: 1 }
  assert.deepEqual((await answers(`${JSON.stringify(line)}\n`))[0]?.['next'], ['2026-01-01T09:00:00Z'])
})

test('a one-off gives the shorter list', async () => {
  assert.deepEqual((await answers(ask({ condition: 'at 2026-03-01T09:00', count: 5 })))[0]?.['next'], [
    '2026-03-01T09:00:00Z',
  ])
})

test('an id comes back as it was given, whatever it is', async () => {
  const ids = ['a', 7, null, true, ['x', 1], { deep: { id: 5 } }]
  assert.deepEqual(
    (await answers(...ids.map(id => ask({ id })))).map(answer => answer['id']),
    ids,
  )
  const { out } = await call(['next', '--batch'], {
    input: [`{"id": 9007199254740993123, "condition": "hourly", "after": "${AFTER}", "count": 1}\n`],
  })
  assert.match(out, /^\{"id":9007199254740993123,"condition"/)
})

test('a line that is wrong says why, and does not stop the rest', async () => {
  const told = await answers(
    'no JSON\n',
    '[1]\n',
    ask({ condition: 'every 5 bananas' }),
    ask({ condition: '0 0 31 2 *' }),
    ask({ timezone: 'Europe/Berlni' }),
    ask({ after: 'yesterday' }),
    ask({ count: 0 }),
    ask({ count: 1e9 }),
    ask({ condition: 7 }),
    '{"id": "x", "condition": "hourly"}\n',
    ask({ condition: 'x'.repeat(1_000_000) }),
    ask({ timezone: '../../etc/passwd' }),
    `{"id": ${'['.repeat(200_000)}${']'.repeat(200_000)}, "condition": "hourly", "after": "${AFTER}", "count": 1}\n`,
    ask({ id: 'last' }),
  )
  assert.deepEqual(told.map(codeOf), [
    'JSON_INVALID',
    'OPTION_INVALID',
    'CONDITION_UNREADABLE',
    'CONDITION_NEVER',
    'TIMEZONE_UNKNOWN',
    'INSTANT_UNREADABLE',
    'OPTION_INVALID',
    'OPTION_INVALID',
    'OPTION_INVALID',
    'OPTION_INVALID',
    'CONDITION_TOO_LONG',
    'TIMEZONE_UNKNOWN',
    'OPTION_INVALID',
    undefined,
  ])
  assert.deepEqual(told[9]?.['id'], 'x')
  assert.deepEqual(told.at(-1)?.['next'], ['2026-01-01T01:00:00Z'])
})

test('lines are whole however the input is cut, and the last needs no end', async () => {
  const text = ask({ id: 'eins 🎉' }) + '\n\r\n' + ask({ id: 2 }).trimEnd()
  const cut = await answers(...Array.from(text))
  assert.deepEqual(
    cut.map(answer => answer['id']),
    ['eins 🎉', 2],
  )
})

test('a line beyond any question is refused without being kept', async () => {
  const piece = 'x'.repeat(2 ** 20)
  const told = await answers(...Array.from({ length: 20 }, () => piece), '\n', ask({ id: 'after' }))
  assert.deepEqual(told.map(codeOf), ['JSON_INVALID', undefined])
})

test('an answer comes before the next line is written', async () => {
  const child = start(['next', '--batch'])
  const lines = child.stdout.setEncoding('utf8')[Symbol.asyncIterator]()
  for (const id of [1, 2, 3]) {
    child.stdin.write(ask({ id }))
    const { value } = (await lines.next()) as { value: string }
    assert.equal((JSON.parse(value) as { id: number }).id, id)
  }
  child.stdin.end()
})

test('nobody reading the answers any more is no error', async () => {
  const child = start(['next', '--batch'])
  let err = ''
  child.stderr.on('data', piece => (err += String(piece)))
  child.stdin.on('error', () => {})
  child.stdout.destroy()
  child.stdin.end(ask({ count: 1_000 }).repeat(1_000))
  const exit = await new Promise(resolve => child.once('close', resolve))
  assert.deepEqual({ exit, err }, { exit: 0, err: '' })
})

test('one condition is told as local time, instant and distance', async () => {
  const { out, exit } = await call(['next', 'daily at 9:00', '--timezone', 'Europe/Berlin', '--count', '2'])
  assert.equal(exit, 0)
  assert.deepEqual(
    out.split('\n').map(line => line.trimEnd()),
    [
      'daily at 09:00',
      'at 09:00 every day',
      '',
      'EUROPE/BERLIN                   AS INSTANT            FROM NOW',
      'Mon 2026-11-23 09:00:00 +01:00  2026-11-23T08:00:00Z  in 22 h 59 min',
      'Tue 2026-11-24 09:00:00 +01:00  2026-11-24T08:00:00Z  in 1 d 22 h',
      '',
    ],
  )
})

test('intervals from now count from a whole second', async () => {
  const { out } = await call(['next', 'every 5 minutes', '--count', '1', '--json'])
  assert.deepEqual((JSON.parse(out) as { next: unknown }).next, ['2026-11-22T09:05:00Z'])
})

test('--json gives one line as the batch does, with what it means, also for an error', async () => {
  const [answer] = await answers(ask({ id: null, condition: 'hourly', count: 3 }))
  const { out } = await call(['next', 'hourly', '--after', AFTER, '--count', '3', '--json'])
  assert.deepEqual(JSON.parse(out), { ...answer, reading: 'at minute 0 of every hour', notes: [], warnings: [] })
  const refused = await call(['next', 'every 5 bananas', '--json'])
  assert.equal(refused.exit, 2)
  assert.equal((JSON.parse(refused.out) as { error: { code: string } }).error.code, 'CONDITION_UNREADABLE')
})

test('what events start is told beside the instants', async () => {
  const [both, events, moments] = await answers(
    ask({ condition: "hourly or after 'news' succeeds and on weekdays", count: 2 }),
    ask({ condition: "after 'a' and 'b' succeed", count: 2 }),
    ask({ condition: "hourly and 'db' is running", count: 1 }),
  )
  assert.deepEqual(both, {
    id: 1,
    condition: "hourly or after 'news' succeeds and on weekdays",
    next: ['2026-01-01T01:00:00Z', '2026-01-01T02:00:00Z'],
    events: ["after 'news' succeeds"],
  })
  assert.deepEqual([events?.['next'], events?.['events']], [[], ["after 'a' succeeds and after 'b' succeeds"]])
  assert.deepEqual(Object.keys(moments ?? {}), ['id', 'condition', 'next'])
})

test('notes and warnings stand below the instants', async () => {
  const args = ['--timezone', 'Europe/Berlin', '--after', '2025-03-29T12:00:00Z', '--count', '1']
  const { out } = await call(['next', "30 2 13,30 * SUN or after 'x' fails", ...args])
  const [, , , ...lines] = out.trimEnd().split('\n')
  assert.deepEqual(
    lines.slice(1).map(line => line.slice(0, 60)),
    [
      'Sun 2025-03-30 03:00:00 +02:00  2025-03-30T01:00:00Z  602 d ',
      '',
      "and after 'x' fails",
      '',
      'note: 02:30 does not exist on 2025-03-30 in Europe/Berlin: i',
      '',
      'warning: `30 2 13,30 * SUN` restricts the day of the month an',
      'warning: `30 2 13,30 * SUN` skips each month that has no such',
    ].map(line => line.slice(0, 60)),
  )
})

test('a condition that cannot be read exits with 2, with the reason and a caret under the place on standard error', async () => {
  const { exit, out, err } = await shell(['next', 'every 5 bananas'])
  const [reason, text, caret] = err.split('\n')
  assert.deepEqual({ exit, out }, { exit: 2, out: '' })
  assert.match(reason ?? '', /^rota: .*bananas/)
  assert.equal((text ?? '').indexOf('bananas'), (caret ?? '').indexOf('^'))
})

test('foreign text in a refusal moves no cursor', async () => {
  const { err } = await call(['next', 'every 5 \u001B[2J\u202Ebananas'])
  assert.match(err, /␛\[2J�bananas/)
})

test('what can never fire, an unknown zone and an unreadable instant exit with 2', async () => {
  for (const args of [
    ['0 0 31 2 *'],
    ['hourly', '--timezone', 'Mars'],
    ['hourly', '--after', 'noon'],
    ['hourly', '--count', '0'],
    ['--batch', '--timezone', 'UTC'],
    ['--batch', 'hourly'],
    [],
  ]) {
    const { exit, out, err } = await call(['next', ...args])
    assert.deepEqual({ exit, out }, { exit: 2, out: '' }, args.join(' '))
    assert.match(err, /^rota: /)
  }
})
