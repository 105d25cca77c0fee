import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Answer } from '../../../src/scrape/fetch/answer.ts'
import { AnswerMemory, conditions } from '../../../src/scrape/fetch/memory.ts'
import { askFrom } from '../../../src/scrape/fetch/request.ts'

const ask = (path: string, headers: Record<string, string> = {}) =>
  askFrom({ url: `https://example.org/${path}`, headers }, 'rota')
const answer = (bytes: number, headers: Record<string, string> = { etag: '"1"' }) =>
  new Answer({ url: 'https://example.org/', status: 200, headers, bytes: new Uint8Array(bytes) })

test('an answer is recalled for the same question, and for no other', () => {
  const memory = new AnswerMemory()
  const kept = answer(10)
  memory.keep(ask('a', { 'x-one': '1', 'x-two': '2' }), kept)
  assert.ok(memory.recall(ask('a', { 'x-two': '2', 'x-one': '1' })))
  assert.equal(memory.recall(ask('a')), undefined)
  assert.equal(memory.recall(ask('b', { 'x-one': '1', 'x-two': '2' })), undefined)
  assert.equal(memory.recall(askFrom({ url: 'https://example.org/a', method: 'POST' }, 'rota')), undefined)
})

test('an answer comes back as it was, however often it is kept, and takes less room meanwhile', () => {
  const memory = new AnswerMemory()
  const bytes = new TextEncoder().encode('the news of the day. '.repeat(1_000))
  let answer = new Answer({ url: 'https://example.org/a', status: 200, headers: { etag: '"1"' }, bytes })
  for (let round = 0; round < 3; round++) {
    memory.keep(ask('a'), answer)
    const kept = memory.recall(ask('a'))
    assert.ok(kept !== undefined && kept.packed.length < bytes.length / 4)
    answer = memory.unpacked(kept)
    assert.deepEqual(new Uint8Array(answer.bytes), bytes)
    assert.deepEqual([answer.url, answer.status, answer.headers], ['https://example.org/a', 200, { etag: '"1"' }])
  }
})

test('what cannot be asked for conditionally is not kept', () => {
  const memory = new AnswerMemory()
  memory.keep(ask('a'), answer(10, {}))
  assert.equal(memory.recall(ask('a')), undefined)
  assert.deepEqual(conditions(answer(0, { etag: 'W/"x"', 'last-modified': 'yesterday' })), {
    'if-none-match': 'W/"x"',
    'if-modified-since': 'yesterday',
  })
})

test('the oldest is forgotten when there is no more room', () => {
  const memory = new AnswerMemory(100)
  memory.keep(ask('a'), answer(60))
  memory.keep(ask('b'), answer(30))
  memory.keep(ask('a'), answer(60))
  memory.keep(ask('c'), answer(30))
  assert.equal(memory.recall(ask('b')), undefined)
  assert.ok(memory.recall(ask('a')))
  memory.keep(ask('d'), answer(101))
  assert.equal(memory.recall(ask('d')), undefined)
  assert.ok(memory.recall(ask('c')))
})
