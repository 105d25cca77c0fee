import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { instant } from '../../src/base/instant.ts'
import type { Instant } from '../../src/base/instant.ts'
import type { RunId } from '../../src/base/name.ts'
import { headlineOf, hearersOf, noticeKinds, toldAgain, toldByEnd, toldByHealth } from '../../src/domain/notice.ts'
import type { Alarm, NoticeRule, Telling } from '../../src/domain/notice.ts'
import type { HealthChange } from '../../src/domain/health.ts'
import type { Run, RunState } from '../../src/domain/run.ts'
import { runRow } from '../server/plain-app.ts'

const START = Date.UTC(2026, 0, 5, 10)
const after = (seconds: number): Instant => instant(START + seconds * 1_000)

const ended = (id: number, state: RunState, row: Partial<Run> = {}): Run =>
  runRow({ ...row, id, task: 'work', schedule: 'news', scheduleId: 1, state, endedAt: after(id) })

const rule = (part: Partial<NoticeRule> = {}): NoticeRule => ({
  destination: 'ops',
  on: noticeKinds,
  tasks: null,
  tags: null,
  every: false,
  ...part,
})

/** What a row of ends tells, and which alarms are on after it. */
const tellAll = (runs: readonly Run[]): { tellings: readonly Telling[]; open: readonly Alarm[] } => {
  let open: readonly Alarm[] = []
  const tellings: Telling[] = []
  for (const run of runs) {
    const told = toldByEnd(run, open, [])
    tellings.push(...told.tellings)
    const left = open.filter(
      ({ kind }) => !told.cleared.includes(kind) && !told.raised.some(alarm => alarm.kind === kind),
    )
    open = [...left, ...told.raised]
  }
  return { tellings, open }
}

describe('the ends of runs', () => {
  test('tell the first failure of a row and the good end after it, in turn, whatever comes between', () => {
    const states: readonly RunState[] = ['succeeded', 'partial', 'failed', 'cancelled', 'skipped']
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...states), { maxLength: 40 }), given => {
        const { tellings, open } = tellAll(given.map((state, i) => ended(i + 1, state)))
        const told = tellings.flatMap(telling => hearersOf(telling, [rule()]).map(() => telling.kind))
        for (const [i, kind] of told.entries()) assert.equal(kind, i % 2 === 0 ? 'failed' : 'recovered')
        const lastThatCounts = given.findLast(state => state !== 'cancelled' && state !== 'skipped')
        assert.equal(open.length, lastThatCounts === 'failed' ? 1 : 0)
      }),
    )
  })

  test('never tell two things under one key', () => {
    const { tellings } = tellAll(['failed', 'failed', 'succeeded', 'failed'].map((s, i) => ended(i, s as RunState)))
    assert.equal(new Set(tellings.map(({ key }) => key)).size, tellings.length)
  })

  test('say why, on one bounded line without harm', () => {
    const message = `no\r\nBcc: all@example.org \u001B[2J${'x'.repeat(10_000)}`
    const [telling] = toldByEnd(ended(7, 'failed', { error: { name: 'Error', message } }), [], []).tellings
    assert.match(
      telling?.text ?? '',
      /^'news' failed: Error: no␍␊Bcc: all@example\.org ␛\[2Jx+… \(run 7, attempt 1 of 1\)$/,
    )
    assert.ok((telling?.text.length ?? 0) < 700)
    assert.equal(headlineOf({ text: telling?.text ?? '' }), "'news' failed")
  })

  test('say why where there was no error', () => {
    const lost = ended(7, 'failed', { reason: 'lost', detail: 'its worker died, and no attempt is left' })
    assert.match(toldByEnd(lost, [], []).tellings[0]?.text ?? '', /failed: lost, its worker died/)
  })
})

describe('a change of health', () => {
  const change = (from: HealthChange['from'], to: HealthChange['to']): HealthChange => ({
    subject: { kind: 'source', name: 'odds' },
    from,
    to,
    at: after(1),
    run: 3 as RunId,
    reasons: ['3 bad in a row'],
  })
  const about = { task: 'sweep', tags: ['money'] }

  test('is told for better and worse, but not when something new turns out healthy', () => {
    assert.deepEqual(toldByHealth(change('unknown', 'healthy'), about).tellings, [])
    for (const [from, to] of [
      ['unknown', 'failing'],
      ['healthy', 'degraded'],
      ['degraded', 'failing'],
      ['failing', 'healthy'],
    ] as const)
      assert.equal(toldByHealth(change(from, to), about).tellings.length, 1, `${from} ${to}`)
  })

  test('is about the source, the task that asked it, and the tags of its schedule', () => {
    const [telling] = toldByHealth(change('healthy', 'failing'), about).tellings
    assert.ok(telling)
    for (const [tasks, tags] of [
      [['odds'], null],
      [['sweep'], null],
      [['news'], ['money']],
    ] as const)
      assert.deepEqual(hearersOf(telling, [rule({ tasks, tags })]), ['ops'])
    assert.deepEqual(hearersOf(telling, [rule({ tasks: ['news'] }), rule({ tags: ['slow'] })]), [])
  })

  test('that lasts is told again a day later, for a week', () => {
    let [alarm] = toldByHealth(change('healthy', 'failing'), about).raised
    const keys = new Set<string>()
    for (let hour = 1; hour < 24 * 30 && alarm !== undefined; hour++) {
      const told = toldAgain(alarm, after(1 + hour * 3_600))
      for (const { key } of told.tellings) keys.add(key)
      alarm = told.raised[0] ?? alarm
    }
    assert.equal(keys.size, 7)
    assert.equal(alarm?.repeatAt, null)
  })
})

describe('who hears of a recovery', () => {
  const recovered = tellAll([ended(1, 'failed'), ended(2, 'succeeded')]).tellings[1]

  test('is who hears of what it ends', () => {
    assert.ok(recovered)
    assert.deepEqual(hearersOf(recovered, [rule({ on: ['failed', 'recovered'] })]), ['ops'])
    assert.deepEqual(hearersOf(recovered, [rule({ on: ['silent', 'recovered'] })]), [])
    assert.deepEqual(hearersOf(recovered, [rule({ on: ['failed'] })]), [])
  })

  test('is told once by each destination, however many of its rules hear it', () => {
    assert.ok(recovered)
    assert.deepEqual(hearersOf(recovered, [rule(), rule(), rule({ destination: 'boss' })]), ['ops', 'boss'])
  })
})
