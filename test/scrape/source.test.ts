/** What may be said of a source, and what is made of its items. */

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { isRotaError } from '../../src/base/errors.ts'
import { instant } from '../../src/base/instant.ts'
import type { Schema } from '../../src/base/schema.ts'
import { RetryAfter } from '../../src/domain/outcome.ts'
import { html, json, source } from '../../src/scrape/index.ts'
import type { Answer } from '../../src/scrape/index.ts'
import { sendJson, sendStatus, serve } from './server.ts'
import type { Behaviour } from './server.ts'
import { START, succeeded, thrown, World } from './world.ts'

const good = { name: 'good', ask: () => 'https://example.org/', read: json({ items: '$.items' }), key: 'id' } as const

test('a source is a task of its own kind, with three attempts', () => {
  const made = source({ ...good, timeout: '5 minutes', description: 'the good ones' })
  assert.equal(made.kind, 'source')
  assert.deepEqual(made.sources, ['good'])
  assert.equal(made.retry.attempts, 3)
  assert.equal(made.timeout, 300_000)
  assert.equal(made.description, 'the good ones')
})

const refusals: readonly (readonly [object, RegExp])[] = [
  [{ reed: 1 }, /has no option 'reed'. Did you mean 'read'/],
  [{ ask: 'https://example.org/' }, /ask is a string where a function should be/],
  [{ read: 'h1' }, /read is neither html/],
  [{ key: '' }, /key is neither/],
  [{ queries: [] }, /queries is empty/],
  [{ queries: [1] }, /queries are not a list of texts/],
  [{ limits: { timeOut: '3s' } }, /has no option 'timeOut'. Did you mean 'timeout'/],
  [{ limits: { bytes: -1 } }, /limits.bytes is -1/],
  [{ limits: { tries: 0 } }, /limits.tries is 0/],
  [{ limits: { concurrency: 1.5 } }, /limits.concurrency is 1.5/],
  [{ pages: { by: 'scroll' } }, /pages.by is "scroll"/],
  [{ pages: { by: 'offset' } }, /pages.size is undefined/],
  [{ pages: { by: 'cursor' } }, /pages.at is missing/],
  [{ pages: { by: 'number', max: 0 } }, /pages.max is 0/],
  [{ follow: { ask: () => null } }, /follow.read is neither/],
  [{ follow: { ask: () => null, raed: 1 } }, /has no option 'raed'/],
]

for (const [wrong, message] of refusals) {
  test(`${JSON.stringify(wrong)} is refused`, () => {
    assert.throws(
      () => source({ ...good, ...wrong } as never),
      error => isRotaError(error, 'OPTION_INVALID') && message.test(error.message),
    )
  })
}

test('a reader refuses a path that is none and fields that are none', () => {
  assert.throws(() => json({ items: 'items' }), /a path begins with \$/)
  assert.throws(() => json({ items: '$', fields: { id: 'id' } }), /the field 'id' is "id"/)
  assert.throws(() => html({ fields: {} }), /at least one field/)
})

const collected = async (behave: Behaviour, options: object, reader: unknown = json({ items: '$.items' })) => {
  await using server = await serve(behave)
  const world = new World()
  const made = source({ ...good, allowPrivate: true, ask: () => server.origin, read: reader, ...options } as never)
  const ran = await world.run(made)
  return { ran, world, unit: world.unit('good'), requests: server.requests }
}

const sending =
  (items: readonly unknown[]): Behaviour =>
  (_, response) =>
    sendJson(response, { items })

test('a question knows its query, the input, the page and when the run should have happened', async () => {
  await using server = await serve(sending([{ id: 1 }]))
  const asked: unknown[] = []
  const made = source({
    ...good,
    allowPrivate: true,
    queries: (input: { words: readonly string[] }) => input.words,
    ask: question => {
      asked.push(question)
      return server.origin
    },
  })
  const world = new World()
  succeeded(await world.run(made, { words: ['a', 'b', 'a'] }))
  const page = { number: 1, offset: 0, cursor: null }
  const input = { words: ['a', 'b', 'a'] }
  assert.deepEqual(asked, [
    { query: 'a', input, page, at: START },
    { query: 'b', input, page, at: START },
  ])
})

test('a request is sent as it was said, by an honest name', async () => {
  const { requests } = await collected(sending([{ id: 1 }]), { contact: 'https://example.org/bots' })
  assert.equal(requests[0]?.headers['user-agent'], 'rota (+https://example.org/bots)')
  assert.equal(requests[0].headers['accept-encoding'], 'gzip, deflate, br')
  const bodies: string[] = []
  const question = { method: 'POST', headers: { 'X-Brand': 'b' }, body: { q: ['ü'] } }
  await using server = await serve((request, response) => {
    request.on('data', chunk => bodies.push(String(chunk))).on('end', () => sendJson(response, { items: [{ id: 1 }] }))
  })
  const world = new World()
  succeeded(
    await world.run(
      source({ ...good, allowPrivate: true, userAgent: 'mine/1', ask: () => ({ ...question, url: server.origin }) }),
    ),
  )
  const [sent] = server.requests
  assert.deepEqual(
    [sent?.method, sent?.headers['x-brand'], sent?.headers['content-type'], sent?.headers['user-agent']],
    ['POST', 'b', 'application/json', 'mine/1'],
  )
  assert.equal(bodies.at(-1), '{"q":["ü"]}')
})

test('items that lack a required field or a key are set aside, counted and said', async () => {
  const items = [
    { id: 'a', title: 'A' },
    { id: 'b', title: '' },
    { title: 'C' },
    'text',
    null,
    { id: 'd', title: null },
  ]
  const { unit, world, ran } = await collected(sending(items), { required: ['title'] })
  succeeded(ran)
  assert.deepEqual(unit.items, { seen: 6, new: 1, changed: 0, unchanged: 0, invalid: 5 })
  const told = world.lines
    .filter(line => line.level === 'warn')
    .map(line => `${String(line.fields['key'])} ${line.message}`)
  assert.deepEqual(told, [
    'b item set aside: without title',
    'null item set aside: without a key',
    'null item set aside: a string is no item',
    'null item set aside: a object is no item',
    'd item set aside: without title',
  ])
})

test('a field that all items of a page lack means that the source has changed its shape', async () => {
  const { unit, ran } = await collected(sending([{ id: 'a' }, { id: 'b' }]), { required: ['title'] })
  assert.match(thrown(ran).message, /contract/)
  assert.deepEqual([unit.state, unit.verdict], ['failed', 'contract'])
  assert.equal(unit.detail, 'none of 2 items can be kept: without title')
})

test('a schema sets aside what does not fit, and what it gives back is what is kept', async () => {
  const schema: Schema<unknown, unknown> = {
    '~standard': {
      version: 1,
      vendor: 'test',
      validate: value => {
        const { id, price } = value as { id: string; price: string }
        return /^\d+$/.test(price)
          ? { value: { id, price: Number(price) } }
          : { issues: [{ message: 'is no number', path: ['price'] }] }
      },
    },
  }
  const { unit, world } = await collected(
    sending([
      { id: 'a', price: '7' },
      { id: 'b', price: 'x' },
    ]),
    { schema },
  )
  assert.deepEqual(unit.items, { seen: 2, new: 1, changed: 0, unchanged: 0, invalid: 1 })
  assert.deepEqual(world.items.get('good a')?.data, { id: 'a', price: 7 })
  assert.match(world.lines.find(line => line.level === 'warn')?.message ?? '', /price: is no number/)
})

test('items go to the store in portions of at most 500', async () => {
  const { world } = await collected(sending(Array.from({ length: 1_201 }, (_, id) => ({ id }))), {})
  assert.deepEqual(world.portions, [500, 500, 201])
})

test('an item whose content changes is a changed item, one whose keys change places is not', async () => {
  let items: unknown[] = [{ id: 1, a: 1, b: [1, { x: 1, y: 2 }] }]
  await using server = await serve((_, response) => sendJson(response, { items }))
  const world = new World()
  const made = source({ ...good, allowPrivate: true, ask: () => server.origin })
  const counts = async () => {
    world.nextRun()
    succeeded(await world.run(made))
    return world.unit('good').items
  }
  assert.equal((await counts()).new, 1)
  items = [{ b: [1, { y: 2, x: 1 }], a: 1, id: 1 }]
  assert.equal((await counts()).unchanged, 1)
  items = [{ b: [{ y: 2, x: 1 }, 1], a: 1, id: 1 }]
  assert.equal((await counts()).changed, 1)
})

test('what is given as an item may be anything, and only plain bounded data is kept', async () => {
  const cycle: Record<string, unknown> = { id: 'cycle' }
  cycle['self'] = cycle
  let deep: unknown = 1
  for (let level = 0; level < 5_000; level++) deep = [deep]
  const given = [
    { id: 'date', at: new Date(0), nothing: undefined, call: () => 1 },
    cycle,
    { id: 'big', n: 10n },
    { id: 'huge', text: 'x'.repeat(300_000) },
    { id: 'deep', deep },
    { id: 'x'.repeat(3_000) },
    {
      get id(): string {
        throw new Error('no')
      },
    },
    JSON.parse('{"id": "proto", "__proto__": {"polluted": true}}') as object,
  ]
  const { unit, world, ran } = await collected(sending([]), {}, () => given)
  succeeded(ran)
  assert.deepEqual([unit.items.new, unit.items.invalid], [2, 6])
  assert.deepEqual(world.items.get('good date')?.data, { id: 'date', at: '1970-01-01T00:00:00.000Z' })
  assert.equal(Object.hasOwn(world.items.get('good proto')?.data as object, '__proto__'), true)
  assert.equal(({} as Record<string, unknown>)['polluted'], undefined)
})

test('a reader that throws, or gives no list, says that the answer is not what was promised', async () => {
  const throws = await collected(sending([]), {}, () => {
    throw new Error('cannot make sense of it')
  })
  assert.equal(throws.unit.verdict, 'contract')
  assert.match(throws.unit.detail ?? '', /cannot make sense of it/)
  const strange = await collected(sending([]), {}, () => 'items')
  assert.match(strange.unit.detail ?? '', /the reader gave a string/)
})

test('no items are normal where the answer shows it, unless the source says otherwise', async () => {
  const page: Behaviour = (_, response) =>
    sendStatus(response, 200, { 'content-type': 'text/html' }, '<h1>Results</h1>')
  const read = html({ items: 'li', fields: { id: '.' } })
  const states = async (behave: Behaviour, options: object, reader?: unknown): Promise<string> => {
    const { unit } = await collected(behave, options, reader)
    return `${unit.state} ${unit.verdict}`
  }
  assert.equal(await states(sending([]), {}), 'succeeded empty')
  assert.equal(await states(sending([]), { expectEmpty: false }), 'failed empty')
  assert.equal(await states(page, {}, read), 'failed contract')
  assert.equal(await states(page, { expectEmpty: true }, read), 'succeeded empty')
})

test("a source's own judge sees errors in answers of status 200", async () => {
  const judge = (answer: Answer) => {
    const { bizCode } = answer.json as { bizCode: number }
    if (bizCode === 10_000) return undefined
    if (bizCode === 19_000) return { verdict: 'quota_exhausted' as const, detail: 'used up for today' }
    throw new Error(`code ${bizCode}`)
  }
  const coded =
    (bizCode: number): Behaviour =>
    (_, response) =>
      sendJson(response, { bizCode, items: [{ id: 1 }] })
  assert.equal((await collected(coded(10_000), { judge })).unit.verdict, 'ok')
  assert.equal((await collected(coded(19_000), { judge })).unit.verdict, 'quota_exhausted')
  assert.equal((await collected(coded(1), { judge })).unit.verdict, 'contract')
})

test('a quota that says when it is filled again brings the run back then', async () => {
  const until = instant(START + 36_000_000)
  const { ran, unit } = await collected(sending([{ id: 1 }]), {
    judge: () => ({ verdict: 'quota_exhausted' as const, detail: 'used up for today', until }),
  })
  const error = thrown(ran)
  assert.ok(error instanceof RetryAfter)
  assert.equal(error.at, until)
  assert.equal(unit.verdict, 'quota_exhausted')
})

test('loading rota/scrape and making a source loads no package', () => {
  const script = `
    import { registerHooks } from 'node:module'
    const asked = []
    registerHooks({ resolve: (name, context, next) => (asked.push(name), next(name, context)) })
    const { source, json, html, feed } = await import(${JSON.stringify(new URL('../../src/scrape/index.ts', import.meta.url).href)})
    source({ name: 'x', ask: () => 'https://example.org', read: json({ items: '$.a' }), key: 'id' })
    html({ fields: { a: 'b' } })
    feed()
    console.log(JSON.stringify(asked.filter(name => !/^(\\.|node:|file:)/.test(name))))
  `
  const packages = execFileSync(process.execPath, ['--input-type=module', '--eval', script], { encoding: 'utf8' })
  assert.equal(packages.trim(), '[]')
})
