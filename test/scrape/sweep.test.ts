/** Runs of several units: what each comes to by itself, and the run by all of them. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isRotaError } from '../../src/base/errors.ts'
import { GiveUp, RetryAfter } from '../../src/domain/outcome.ts'
import type { Handler } from '../../src/domain/task.ts'
import { json, source, sweep } from '../../src/scrape/index.ts'
import { sendJson, sendStatus, serve } from './server.ts'
import type { Behaviour, TestServer } from './server.ts'
import { START, succeeded, thrown, World } from './world.ts'

const platform = (name: string, server: TestServer, queries: readonly string[] = ['']) =>
  source({
    name,
    allowPrivate: true,
    queries,
    ask: ({ query }) => `${server.origin}/${name}/${query}`,
    read: json({ items: '$.items' }),
    key: 'id',
  })

/** Answers by path; anything else with one item. */
const answering =
  (special: Readonly<Record<string, Behaviour>>): Behaviour =>
  (request, response, url) => {
    const behave = special[url.pathname] ?? ((_, well) => sendJson(well, { items: [{ id: url.pathname }] }))
    return behave(request, response, url)
  }

test('every unit of every source is asked, and the result counts them', async () => {
  await using server = await serve(answering({}))
  const world = new World()
  const all = sweep('all', { sources: [platform('a', server, ['x', 'y']), platform('b', server)] })
  assert.deepEqual(all.sources, ['a', 'b'])
  const result = succeeded(await world.run(all))
  assert.deepEqual(result.units, { succeeded: 3, partial: 0, failed: 0 })
  assert.equal(result.items.new, 3)
  assert.deepEqual(Object.keys(result.byUnit), ['a: x', 'a: y', 'b'])
  assert.deepEqual(world.units.map(unit => unit.source).sort(), ['a', 'a', 'b'])
})

test('one broken source neither hides nor stops the others', async () => {
  await using server = await serve(
    answering({
      '/broken/': (_, response) => sendStatus(response, 200, { 'content-type': 'text/html' }, '<html>blocked</html>'),
    }),
  )
  const world = new World()
  const ran = await world.run(sweep('all', { sources: [platform('broken', server), platform('well', server)] }))
  assert.ok(ran.kind === 'partial')
  assert.match(ran.detail, /^broken: refused \(a page where JSON was promised/)
  assert.doesNotMatch(ran.detail, /well/)
  assert.equal(world.unit('well').verdict, 'ok')
  assert.equal(world.items.size, 1)
})

test('a source whose queries, questions or input cannot be made is not measured, and the others are', async () => {
  await using server = await serve(answering({}))
  const read = json({ items: '$.items' })
  const ask = (): string => server.origin
  const noQueries = source({
    name: 'no-queries',
    ask,
    read,
    key: 'id',
    queries: (): readonly string[] => {
      throw new Error('the list is gone')
    },
  })
  const noQuestion = source({ name: 'no-question', read, key: 'id', ask: () => 'not an address' })
  const badInput = source({
    name: 'bad-input',
    ask,
    read,
    key: 'id',
    input: {
      '~standard': { version: 1, vendor: 'test', validate: () => ({ issues: [{ message: 'a keyword is missing' }] }) },
    },
  })
  const world = new World()
  const ran = await world.run(sweep('all', { sources: [noQueries, noQuestion, badInput, platform('well', server)] }))
  assert.equal(ran.kind, 'partial')
  for (const [name, why] of [
    ['no-queries', /the list is gone/],
    ['no-question', /is not an address/],
    ['bad-input', /a keyword is missing/],
  ] as const) {
    assert.equal(world.unit(name).verdict, 'not_measured')
    assert.match(world.unit(name).detail ?? '', why)
  }
  assert.equal(world.unit('well').state, 'succeeded')
})

test('a run of which every unit failed fails for good, with the reasons', async () => {
  await using server = await serve((_, response) => sendStatus(response, 404))
  const world = new World()
  const error = thrown(await world.run(sweep('all', { sources: [platform('a', server), platform('b', server)] })))
  assert.ok(error instanceof GiveUp)
  assert.match(error.message, /a: client \(status 404.*; b: client \(status 404/)
})

test('a run that was told to wait by everybody comes back when the first is free', async () => {
  await using late = await serve((_, response) => sendStatus(response, 429, { 'retry-after': '7200' }))
  await using soon = await serve((_, response) => sendStatus(response, 429, { 'retry-after': '600' }))
  const world = new World()
  const error = thrown(await world.run(sweep('all', { sources: [platform('a', late), platform('b', soon)] })))
  assert.ok(error instanceof RetryAfter)
  assert.equal(error.at, START + 600_000)
})

test('a run in which one was told to wait and one did well is partial: nobody waits for the slowest', async () => {
  await using held = await serve((_, response) => sendStatus(response, 429, { 'retry-after': '7200' }))
  await using well = await serve(answering({}))
  const world = new World()
  const ran = await world.run(sweep('all', { sources: [platform('a', held), platform('b', well)] }))
  assert.equal(ran.kind, 'partial')
})

test('a run that was told to wait by one and failed with the other fails', async () => {
  await using held = await serve((_, response) => sendStatus(response, 429, { 'retry-after': '7200' }))
  await using gone = await serve((_, response) => sendStatus(response, 410))
  const world = new World()
  assert.ok(
    thrown(await world.run(sweep('all', { sources: [platform('a', held), platform('b', gone)] }))) instanceof GiveUp,
  )
})

test('units that an earlier attempt finished are not asked again, and still count', async () => {
  let well = false
  await using server = await serve(
    answering({
      '/a/y': (_, response) =>
        well ? sendJson(response, { items: [{ id: 'y' }] }) : world.stopper.abort(new Error('stop')),
    }),
  )
  const world = new World()
  const task = platform('a', server, ['x', 'y'])
  assert.equal(thrown(await world.run(task)).message, 'stop')
  assert.deepEqual(
    world.units.map(unit => unit.query),
    ['x'],
  )
  well = true
  const second = new World()
  second.units.push(...world.units)
  second.skipAttempt()
  const result = succeeded(await second.run(task))
  assert.deepEqual(result.units, { succeeded: 2, partial: 0, failed: 0 })
  assert.deepEqual(
    server.requests.map(request => request.path),
    ['/a/x', '/a/y', '/a/y'],
  )
})

test('a unit that was told to wait is asked again by the next attempt; one that failed is not', async () => {
  let held = true
  await using server = await serve(
    answering({
      '/a/held': (_, response) =>
        held ? sendStatus(response, 429, { 'retry-after': '600' }) : sendJson(response, { items: [{ id: 1 }] }),
      '/a/gone': (_, response) => sendStatus(response, 410),
    }),
  )
  const world = new World()
  const task = platform('a', server, ['held'])
  assert.ok(thrown(await world.run(task)) instanceof RetryAfter)
  held = false
  world.clock.advance(600_000)
  succeeded(await world.run(task))
  world.nextRun()
  const gone = platform('a', server, ['gone'])
  await world.run(gone)
  await world.run(gone)
  assert.equal(server.requests.filter(request => request.path === '/a/gone').length, 1)
})

test('a host that asked for rest is left alone by all units, of all sources', async () => {
  await using server = await serve((_, response) => sendStatus(response, 429, { 'retry-after': '3600' }))
  const world = new World()
  const queries = Array.from({ length: 20 }, (_, index) => `q${index}`)
  await world.run(sweep('all', { sources: [platform('a', server, queries), platform('b', server, queries)] }))
  assert.equal(world.units.length, 40)
  assert.ok(world.units.every(unit => unit.verdict === 'rate_limited'))
  assert.ok(server.requests.length <= 2, `${server.requests.length} requests went out`)
})

test('one host is asked two things at a time, whoever asks', async () => {
  let inside = 0
  let most = 0
  const waiting: (() => void)[] = []
  await using server = await serve((_, response) => {
    inside++
    most = Math.max(most, inside)
    waiting.push(() => {
      inside--
      sendJson(response, { items: [{ id: inside }] })
    })
    // Whoever is inside leaves only when another turn has passed, in which a third could have come in.
    setImmediate(() => setImmediate(() => waiting.shift()?.()))
  })
  const world = new World()
  const queries = Array.from({ length: 10 }, (_, index) => `q${index}`)
  succeeded(
    await world.run(
      sweep('all', {
        sources: [platform('a', server, queries), platform('b', server, queries), platform('c', server, queries)],
      }),
    ),
  )
  assert.ok(most <= 2, `${most} at a time`)
  assert.equal(server.requests.length, 30)
})

test('a store that cannot be written ends the whole run, and nothing is left behind', async () => {
  await using server = await serve(answering({ '/b/': () => {} }))
  const world = new World()
  const broken: World['records'] = { ...world.records, keepItems: () => Promise.reject(new Error('the disk is full')) }
  const all = sweep('all', { sources: [platform('a', server), platform('b', server)] })
  await assert.rejects(
    async () => (all.handler as Handler)({ ...world.context(null), records: broken }),
    /the disk is full/,
  )
  assert.equal(world.clock.pending, 0)
})

test('a sweep refuses what makes no sense, when it is made', async () => {
  await using server = await serve(answering({}))
  const one = platform('one', server)
  const refusals: readonly (readonly [() => unknown, RegExp])[] = [
    [() => sweep('all', { sources: [] }), /has no sources/],
    [() => sweep('all', { sources: [one, one] }), /holds the source 'one' twice/],
    [() => sweep('all', { sources: [{} as never] }), /number 1 of its sources is none/],
    [() => sweep('all', { sources: [one], timeOut: '1m' } as never), /Did you mean 'timeout'/],
  ]
  for (const [make, message] of refusals) {
    assert.throws(make, error => isRotaError(error, 'OPTION_INVALID') && message.test(error.message))
  }
  assert.equal(sweep('all', { sources: [one] }).retry.attempts, 3)
})
