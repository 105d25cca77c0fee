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
  assert.equal(memory.recall(ask('a', { 'x-two': '2', 'x-one': '1' }))?.bytes, kept.bytes)
  assert.equal(memory.recall(ask('a')), undefined)
  assert.equal(memory.recall(ask('b', { 'x-one': '1', 'x-two': '2' })), undefined)
  assert.equal(memory.recall(askFrom({ url: 'https://example.org/a', method: 'POST' }, 'rota')), undefined)
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
