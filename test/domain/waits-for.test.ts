import assert from 'node:assert/strict'
import test from 'node:test'
import { waitsFor } from '../../src/domain/waits-for.ts'
import { scheduleRow } from '../server/plain-app.ts'

const asked = (condition: string, row: Partial<Parameters<typeof scheduleRow>[0]> = {}): readonly string[] =>
  waitsFor(scheduleRow({ name: 'it', ...row, condition, usesFacts: true }))

test('what no time opens is told as it is written, alternative by alternative', () => {
  assert.deepEqual(asked("after 'news' succeeds"), ["after 'news' succeeds"])
  assert.deepEqual(asked("after 'a' and 'b' succeed and not on weekends or hourly or on start"), [
    "after 'a' succeeds and after 'b' succeeds and not on Saturday and Sunday",
    'on start',
  ])
  assert.deepEqual(asked("daily at 09:00 and after 'news' succeeds"), [])
})

test('nothing is waited for by what is paused, over or unreadable, or asks about time alone', () => {
  const event = "after 'news' succeeds"
  assert.deepEqual(asked(event, { paused: { at: 0 as never, by: 'ada', why: null, until: null } }), [])
  assert.deepEqual(asked(event, { status: 'ended' }), [])
  assert.deepEqual(asked('what nobody can read', { status: 'unloadable' }), [])
  assert.deepEqual(waitsFor(scheduleRow({ name: 'it', condition: 'hourly' })), [])
})
