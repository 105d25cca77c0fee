import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isRotaError } from '../../../src/base/errors.ts'
import { json, savedAnswer } from '../../../src/scrape/index.ts'

const answer = savedAnswer(
  JSON.stringify({
    data: {
      list: [
        { id: 1, tags: [{ t: 'a' }, { t: 'b' }] },
        { id: 2, tags: [] },
      ],
      none: [],
      byId: { x: { id: 3 }, y: { id: 4 } },
      text: 'no',
    },
    groups: [{ events: [{ id: 5 }] }, { events: [{ id: 6 }, { id: 7 }] }, {}],
  }),
)

const ids = async (items: string): Promise<unknown> => {
  const found = await json({ items, fields: { id: '$.id' } }).read(answer)
  return found.map(item => item.id)
}

test('a list, its members, the members of an object, and lists within lists are items', async () => {
  assert.deepEqual(await ids('$.data.list'), [1, 2])
  assert.deepEqual(await ids('$.data.list[*]'), [1, 2])
  assert.deepEqual(await ids('$.data.byId[*]'), [3, 4])
  assert.deepEqual(await ids('$.groups[*].events[*]'), [5, 6, 7])
  assert.deepEqual(await ids('$.data.list[?@.id > 1]'), [2])
  assert.deepEqual(await ids('$.data.none'), [])
  assert.deepEqual(await ids('$.data.list[?@.id > 9]'), [])
})

test('fields are what stands at their paths, null where nothing does', async () => {
  const found = await json({
    items: '$.data.list',
    fields: { id: '$.id', first: '$.tags[0].t', all: ['$.tags[*].t'], whole: '$' },
  }).read(answer)
  assert.deepEqual(found[0], { id: 1, first: 'a', all: ['a', 'b'], whole: { id: 1, tags: [{ t: 'a' }, { t: 'b' }] } })
  assert.deepEqual(found[1], { id: 2, first: null, all: [], whole: { id: 2, tags: [] } })
})

test('without fields an item is as it stands', async () => {
  assert.deepEqual(await json<{ id: number }>({ items: '$.data.byId[*]' }).read(answer), [{ id: 3 }, { id: 4 }])
})

test('a list that is missing or is none breaks the contract, and so does a path that is none', async () => {
  for (const items of [
    '$.data.nothing',
    '$.data.nothing[*]',
    '$.data.text',
    '$.data.text[*]',
    '$.data.byId',
    '$.data[',
  ]) {
    await assert.rejects(
      async () => ids(items),
      error => isRotaError(error, 'ANSWER_BROKEN'),
      items,
    )
  }
  await assert.rejects(
    async () => json({ items: '$' }).read(savedAnswer('{"a":')),
    error => isRotaError(error, 'JSON_INVALID'),
  )
})

test('JSON nested a hundred thousand deep is read or refused, and nothing else happens', async () => {
  const deep = savedAnswer(`${'['.repeat(100_000)}${']'.repeat(100_000)}`)
  await assert.rejects(
    async () => json({ items: '$..id' }).read(deep),
    error => isRotaError(error),
  )
  assert.equal((await json({ items: '$' }).read(deep)).length, 1)
})
