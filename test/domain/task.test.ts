import assert from 'node:assert/strict'
import test from 'node:test'
import { retryFrom } from '../../src/domain/retry.ts'
import { defineTask } from '../../src/domain/task.ts'
import type { Handler, TaskOptions } from '../../src/domain/task.ts'

const handler = (): void => {}

test('a task has one attempt, no timeout and any input unless it says otherwise', () => {
  const task = defineTask('news', handler)
  assert.deepEqual(
    [
      task.name,
      task.kind,
      task.retry.attempts,
      task.timeout,
      task.timeoutGrace,
      task.input,
      task.description,
      task.sources,
    ],
    ['news', 'task', 1, null, 10_000, null, null, []],
  )
})

test('options are read as a person writes them', () => {
  const task = defineTask('news', handler, {
    timeout: '5 min',
    timeoutGrace: '1s',
    retry: { attempts: 3 },
    description: 'Front pages',
  })
  assert.deepEqual(
    [task.timeout, task.timeoutGrace, task.retry.attempts, task.description],
    [300_000, 1_000, 3, 'Front pages'],
  )
})

test('a source brings its own defaults, and its options stand over them', () => {
  const as = { kind: 'source', sources: ['betpawa'], retry: retryFrom({ attempts: 3 }) } as const
  assert.deepEqual(
    [defineTask('betpawa', handler, {}, as).retry.attempts, defineTask('betpawa', handler, {}, as).sources],
    [3, ['betpawa']],
  )
  assert.equal(defineTask('betpawa', handler, { retry: { attempts: 2 } }, as).retry.attempts, 2)
})

test('what is no task is refused', () => {
  for (const name of ['a b', Symbol('news'), undefined]) {
    assert.throws(() => defineTask(name as string, handler), { code: 'NAME_INVALID' })
  }
  assert.throws(() => defineTask('news', 'handler' as unknown as Handler), { code: 'OPTION_INVALID' })
  assert.throws(() => defineTask('news', handler, { retry: { attempts: 0 } }), { code: 'OPTION_INVALID' })
  for (const timeout of [0, '31 days'])
    assert.throws(() => defineTask('news', handler, { timeout }), { code: 'OPTION_INVALID' })
  assert.throws(() => defineTask('news', handler, { timeout: 'soon' }), { code: 'DURATION_UNREADABLE' })
})

test('an unknown option is refused with the nearest right name', () => {
  assert.throws(() => defineTask('news', handler, { timeOut: '5s' } as TaskOptions), {
    code: 'OPTION_INVALID',
    details: { option: 'timeOut', hint: 'timeout' },
  })
  assert.throws(() => defineTask('news', handler, { retry: { attempt: 3 } } as TaskOptions), {
    code: 'OPTION_INVALID',
    details: { option: 'attempt', hint: 'attempts' },
  })
})
