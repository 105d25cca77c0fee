import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { call } from './terminals.ts'

interface Answer {
  readonly id?: unknown
  readonly holds?: boolean
  readonly wakes?: { readonly at: string | null; readonly on: readonly string[] }
  readonly why?: string
  readonly error?: { readonly code: string; readonly message: string }
}

const day = '2026-01-05' // a Monday
const at = (time: string, date = day): string => `${date}T${time}:00Z`
const event = (task: string, what: string, time: string, date = day): object => ({
  task,
  event: what,
  at: at(time, date),
})

const ask = (condition: string, time: string, more: object = {}): string =>
  `${JSON.stringify({ id: 1, condition, task: 'me', timezone: 'UTC', at: at(time), history: [], ...more })}\n`

const answers = async (...lines: readonly string[]): Promise<readonly Answer[]> => {
  const { out, exit } = await call(['explain', '--batch'], { input: lines })
  assert.equal(exit, 0)
  return out
    .split('\n')
    .slice(0, -1)
    .map(line => JSON.parse(line) as Answer)
}

const answer = async (condition: string, time: string, more: object = {}): Promise<Answer> =>
  (await answers(ask(condition, time, more)))[0] ?? {}

const holds = async (condition: string, time: string, history: readonly object[] = []): Promise<boolean | undefined> =>
  (await answer(condition, time, { history })).holds

test('a line says whether the condition holds, when that can change, and why', async () => {
  const condition = "daily at 09:00 and after 'news' succeeds"
  const more = { id: 'x', mark: at('09:00', '2026-01-04'), grace: '1h' }
  assert.deepEqual(await answer(condition, '09:40', { ...more, history: [event('news', 'succeeded', '09:40')] }), {
    id: 'x',
    holds: true,
    wakes: { at: '2026-01-05T10:00:00.001Z', on: ['news'] },
    why: `daily at 09:00: due since 09:00; after 'news' succeeds: run 1 of 'news' made it true 09:40`,
  })
  const waiting = await answer(condition, '09:30', more)
  assert.deepEqual(waiting.wakes, { at: '2026-01-06T09:00:00Z', on: ['news'] })
  assert.equal(waiting.why, `after 'news' succeeds: no success of 'news' since the last decision`)
})

test('without a mark everything is undecided, without a grace nothing is too late', async () => {
  assert.equal(await holds('daily at 09:00', '08:59'), true)
  assert.equal((await answer('daily at 09:00', '08:59', { mark: at('00:00') })).holds, false)
  assert.equal((await answer('daily at 09:00', '08:59', { grace: 3_600_000 })).holds, false)
  assert.equal((await answer('daily at 09:00', '09:00', { mark: at('09:00') })).holds, false)
  assert.equal(await holds('at 2020-01-01T09:00', '12:00'), true)
})

test('intervals count from the anchor, else from the mark, else from 1970', async () => {
  const next = async (more: object): Promise<unknown> => (await answer('every 7 minutes', '10:00', more)).wakes?.at
  assert.equal(await next({ anchor: at('09:55'), mark: at('09:59') }), '2026-01-05T10:02:00Z')
  assert.equal(await next({ mark: at('09:59') }), '2026-01-05T10:06:00Z')
  assert.equal(
    await next({}),
    new Date(Math.ceil((Date.parse(at('10:00')) + 1) / 420_000) * 420_000).toISOString().replace('.000Z', 'Z'),
  )
})

describe('a history', () => {
  test('is one of runs: an end closes the run that started first', async () => {
    const history = [event('x', 'started', '09:00'), event('x', 'started', '09:10'), event('x', 'failed', '09:20')]
    assert.equal(await holds("every minute and 'x' is running", '09:30', history), true)
    assert.equal(
      await holds("every minute and 'x' is running", '09:30', [...history, event('x', 'cancelled', '09:25')]),
      false,
    )
    assert.equal(await holds("every minute and 'x' has failed exactly 1 time", '09:30', history), true)
  })

  test('may begin with an end, whose start nobody knows', async () => {
    const history = [event('x', 'succeeded', '09:00')]
    assert.equal(await holds("every minute and 'x' has succeeded today", '09:30', history), true)
    assert.equal(await holds("every minute and 'x' has started", '09:30', history), false)
  })

  test('tells of what was skipped without a start', async () => {
    const history = [event('x', 'started', '09:00'), event('x', 'skipped', '09:10')]
    assert.equal(await holds("every minute and 'x' is running", '09:30', history), true)
    assert.equal(await holds("every minute and 'x' has been skipped", '09:30', history), true)
    assert.equal(await holds("every minute and 'x' has finished", '09:30', history), false)
  })

  test('may say no more than that a run finished, which is neither success nor failure', async () => {
    const history = [event('x', 'finished', '09:00')]
    for (const [text, expected] of [
      ["after 'x' finishes", true],
      ["after 'x' is partial", true],
      ["after 'x' succeeds", false],
      ["after 'x' fails", false],
      ["every minute and 'x' has finished", true],
    ] as const)
      assert.equal(await holds(text, '09:30', history), expected, text)
  })

  test('is not known before it happens', async () => {
    const history = [event('x', 'started', '09:00'), event('x', 'succeeded', '09:31')]
    assert.equal(await holds("after 'x' succeeds", '09:30', history), false)
    assert.equal(await holds("every minute and 'x' is running", '09:30', history), true)
    assert.equal(await holds("after 'x' succeeds", '09:31', history), true)
  })

  test('is used up to the mark', async () => {
    const more = { mark: at('09:00'), history: [event('x', 'succeeded', '09:00')] }
    assert.equal((await answer("after 'x' succeeds", '09:30', more)).holds, false)
    assert.equal((await answer("10 minutes after 'x' succeeds", '09:30', more)).holds, true)
  })

  test('need not be in order', async () => {
    const history = [event('x', 'succeeded', '09:05'), event('x', 'started', '09:00')]
    assert.equal(await holds("every minute and 'x' is running", '09:30', history), false)
  })
})

test('it is the task that the condition starts, whose last end counts however it came', async () => {
  const text = '5 minutes after it finishes'
  const end = async (what: string): Promise<Answer> =>
    answer(text, '09:04', { history: [event('me', 'started', '08:00'), event('me', what, '09:00')] })
  for (const what of ['succeeded', 'failed', 'finished', 'cancelled'])
    assert.deepEqual((await end(what)).wakes, { at: '2026-01-05T09:05:00Z', on: ['me'] }, what)
  assert.equal((await answer(text, '09:05', { history: [event('me', 'skipped', '09:00')] })).holds, true)
  assert.equal((await answer(text, '09:05', { history: [event('me', 'started', '09:00')] })).holds, false)
  assert.equal((await answer(text, '09:05', { mark: at('09:00') })).holds, true)
  assert.equal((await answer(text, '09:04', { mark: at('09:00') })).holds, false)
  assert.equal((await answer(text, '09:04')).holds, true)
})

test('wakes on every task that the condition names, sorted and each only once', async () => {
  const text =
    "hourly and 'b' is running and 'a' has not failed today and 'src' is healthy or 5 minutes after it finishes or after 'b' fails"
  assert.deepEqual((await answer(text, '09:30')).wakes?.on, ['a', 'b', 'me', 'src'])
  assert.deepEqual((await answer('hourly and on weekdays', '09:30')).wakes?.on, [])
})

test('what nobody knows does not hold', async () => {
  for (const text of [
    "every minute and if 'disk is free'",
    "every minute and 'x' is healthy",
    'on start',
    "daily and on 'holidays'",
  ])
    assert.equal(await holds(text, '09:30'), false, text)
  assert.equal(await holds("every minute and 'x' is not failing", '09:30'), true)
})

test('a line that is wrong says why, and does not stop the rest', async () => {
  const told = await answers(
    'no JSON\n',
    ask('every 5 bananas', '09:00'),
    ask('on weekdays', '09:00'),
    ask("after 'me' fails", '09:00'),
    ask('hourly', '09:00', { at: 'noon' }),
    ask('hourly', '09:00', { timezone: 'Mars' }),
    ask('hourly', '09:00', { grace: 'long' }),
    ask('hourly', '09:00', { history: 'none' }),
    ask('hourly', '09:00', { history: [5] }),
    ask('hourly', '09:00', { history: [event('x', 'fialed', '08:00')] }),
    ask('hourly', '09:00', { history: [{ task: 'x', event: 'failed' }] }),
    '{"id": 7, "condition": "hourly"}\n',
    ask('hourly', '09:00', { id: 'last' }),
  )
  assert.deepEqual(
    told.map(({ error }) => error?.code),
    [
      'JSON_INVALID',
      'CONDITION_UNREADABLE',
      'CONDITION_INCOMPLETE',
      'CONDITION_REFUSED',
      'INSTANT_UNREADABLE',
      'TIMEZONE_UNKNOWN',
      'DURATION_UNREADABLE',
      'OPTION_INVALID',
      'OPTION_INVALID',
      'OPTION_INVALID',
      'OPTION_INVALID',
      'OPTION_INVALID',
      undefined,
    ],
  )
  assert.match(told[9]?.error?.message ?? '', /Did you mean 'failed'\?$/)
  assert.equal(told[11]?.id, 7)
  assert.equal(told.at(-1)?.holds, true)
})

test('for a person the parts stand one below the other, each with its reason', async () => {
  const history = JSON.stringify([event('news', 'failed', '08:00')])
  const { out, exit } = await call([
    'explain',
    "daily at 09:00 and 'news' has failed today or after 'x' succeeds",
    '--at',
    at('09:30'),
    '--mark',
    at('00:00'),
    '--history',
    history,
  ])
  assert.equal(exit, 0)
  assert.deepEqual(out.split('\n'), [
    "daily at 09:00 and 'news' has failed today or after 'x' succeeds",
    '',
    '✓ holds at Mon 2026-01-05 09:30:00 +00:00',
    '',
    '  ✓ daily at 09:00: due since 09:00',
    "  ✓ 'news' has failed today: 'news' has failed 1 time today",
    'or',
    "  ✗ after 'x' succeeds: no success of 'x' since the last decision",
    '',
    "Time alone changes nothing before Tue 2026-01-06 00:00:00 +00:00 (in 14 h 30 min). Runs of 'news', 'x' may.",
    '',
  ])
})

test('--json gives one line as the batch does, also for an error', async () => {
  const { out } = await call(['explain', 'hourly', '--at', at('09:30'), '--json'])
  assert.deepEqual(JSON.parse(out), { ...(await answer('hourly', '09:30')), id: null })
  const refused = await call(['explain', 'every 5 bananas', '--json'])
  assert.equal(refused.exit, 2)
  assert.equal((JSON.parse(refused.out) as Answer).error?.code, 'CONDITION_UNREADABLE')
})

test('what cannot be used exits with 2', async () => {
  for (const args of [
    [],
    ['--batch', 'hourly'],
    ['--batch', '--at', at('09:00')],
    ['hourly', '--at', 'noon'],
    ['hourly', '--history', '['],
  ]) {
    const { exit, out, err } = await call(['explain', ...args])
    assert.deepEqual({ exit, out }, { exit: 2, out: '' }, args.join(' '))
    assert.match(err, /^rota: /)
  }
})
