import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { isRotaError } from '../../src/base/errors.ts'
import { api } from '../../src/server/api.ts'
import { readJson } from '../../src/server/json-text.ts'
import { plainApp, taskRow } from './plain-app.ts'
import type { PlainApp } from './plain-app.ts'

const newsApp = (): PlainApp => plainApp({ tasks: [taskRow('news')] })

const post = async (
  app: PlainApp,
  path: string,
  body: string | Uint8Array<ArrayBuffer>,
  type: string | null = 'application/json',
): Promise<[status: number, code: string, detail: string]> => {
  const response = await api(app).request(path, {
    method: 'POST',
    body,
    headers: type === null ? {} : { 'content-type': type },
  })
  const answer = (await response.json()) as { code?: string; detail?: string }
  return [response.status, answer.code ?? '', answer.detail ?? '']
}

const run = '/api/v1/tasks/news/runs'

test('only JSON is read, in UTF-8', async () => {
  const refused = [415, 'MEDIA_TYPE_REFUSED']
  for (const type of [
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/json; charset=utf-7',
    'application/jsonp',
    'text/json',
  ]) {
    const app = newsApp()
    assert.deepEqual((await post(app, run, '{"input":1}', type)).slice(0, 2), refused, type)
    assert.deepEqual(app.asked, [])
  }
  const bytes = new Uint8Array(Buffer.from('{"input":1}'))
  assert.deepEqual((await post(newsApp(), run, bytes, null)).slice(0, 2), refused, 'a body without a type')
  assert.equal((await post(newsApp(), run, '{"input":1}', 'Application/JSON; charset="UTF-8"'))[0], 201)
})

test('a body over 1 MB is refused, also when its length is not announced', async () => {
  const large = JSON.stringify({ input: 'x'.repeat(1_100_000) })
  assert.deepEqual((await post(newsApp(), run, large)).slice(0, 2), [413, 'BODY_TOO_LARGE'])
  let sent = 0
  const endless = new ReadableStream({
    pull: controller => {
      sent += 65_536
      controller.enqueue(new Uint8Array(65_536).fill(32))
    },
  })
  const request = new Request(`http://localhost${run}`, {
    method: 'POST',
    body: endless,
    headers: { 'content-type': 'application/json' },
    duplex: 'half',
  })
  assert.equal((await api(newsApp()).request(request)).status, 413)
  assert.ok(sent < 2_000_000, `${sent} bytes were taken`)
})

test('bytes that are no UTF-8 are refused', async () => {
  const broken = Buffer.concat([Buffer.from('{"input":"'), Buffer.from([0xc3, 0x28]), Buffer.from('"}')])
  assert.deepEqual((await post(newsApp(), run, new Uint8Array(broken))).slice(0, 2), [400, 'JSON_INVALID'])
})

test('a field that is unknown, or not for others to set, is refused with the nearest right name', async () => {
  const hints: readonly [body: object, detail: RegExp][] = [
    [{ inputs: 1 }, /no field 'inputs'. Did you mean 'input'\?/],
    [{ id: 7, state: 'succeeded' }, /no field 'id'/],
    [{ constructor: { prototype: { polluted: 1 } } }, /no field 'constructor'/],
  ]
  for (const [body, detail] of hints) {
    const app = newsApp()
    const answer = await post(app, run, JSON.stringify(body))
    assert.deepEqual(answer.slice(0, 2), [422, 'OPTION_INVALID'])
    assert.match(answer[2], detail)
    assert.deepEqual(app.asked, [])
  }
  const schedule = { name: 'a', task: 'news', condition: 'hourly' }
  for (const [field, hint] of [
    ['when', 'condition'],
    ['cron', 'condition'],
    ['timeZone', 'timezone'],
    ['overlapp', 'overlap'],
  ] as const) {
    assert.match(
      (await post(newsApp(), '/api/v1/schedules', JSON.stringify({ ...schedule, [field]: 'x' })))[2],
      new RegExp(`Did you mean '${hint}'`),
    )
  }
  for (const field of ['id', 'state', 'createdAt', 'revision', 'paused', 'origin']) {
    assert.equal(
      (await post(newsApp(), '/api/v1/schedules', JSON.stringify({ ...schedule, [field]: 1 })))[0],
      422,
      field,
    )
  }
})

test('a field of the wrong type is refused by its name', async () => {
  const schedule = { name: 'a', task: 'news', condition: 'hourly' }
  for (const [change, detail] of [
    [{ name: 7 }, /'name' is wrong: expected string, received number/],
    [{ condition: undefined }, /'condition' is missing/],
    [{ timezone: ['UTC'] }, /'timezone'/],
    [{ overlap: 'maybe' }, /'overlap'.*queueAll/],
    [{ overlap: { queueAll: '3' } }, /'overlap/],
    [{ catchUp: 'some' }, /'catchUp'.*"latest"/],
    [{ tags: 'press' }, /'tags'/],
    [{ maxRuns: '5' }, /'maxRuns'/],
    [{ grace: {} }, /'grace'.*duration/],
  ] as const) {
    const answer = await post(newsApp(), '/api/v1/schedules', JSON.stringify({ ...schedule, ...change }))
    assert.deepEqual(answer.slice(0, 2), [422, 'OPTION_INVALID'])
    assert.match(answer[2], detail)
  }
  for (const body of ['[]', '"text"', '7', 'null', 'true']) {
    assert.deepEqual((await post(newsApp(), run, body)).slice(0, 2), [422, 'OPTION_INVALID'], body)
  }
})

test('__proto__ in an input is plain data, and pollutes nothing', async () => {
  const app = newsApp()
  assert.equal(
    (await post(app, run, '{"input":{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}}'))[0],
    201,
  )
  assert.equal(({} as { polluted?: number }).polluted, undefined)
  const input = app.data.runs[0]?.input as object
  assert.equal(Object.getPrototypeOf(input), Object.prototype)
  assert.deepEqual(Object.keys(input), ['__proto__', 'constructor'])
  assert.equal((await post(newsApp(), run, '{"__proto__":{"input":1}}'))[0], 422)
})

const refusedTexts: readonly [what: string, text: string, position: number][] = [
  ['nothing but space', '  ', 2],
  ['an end too early', '{"a":', 5],
  ['a missing value', '{"a":}', 5],
  ['a missing colon', '{"a" 1}', 5],
  ['a missing comma', '[1 2]', 3],
  ['a comma too many', '[1,]', 3],
  ['a comma too many in an object', '{"a":1,}', 7],
  ['a name without quotes', '{a:1}', 1],
  ['single quotes', `{'a':1}`, 1],
  ['text after the value', '{} {}', 3],
  ['a comment', '{} // no', 3],
  ['a string without end', '{"a":"b', 5],
  ['a string with a bare line break', '"a\nb"', 0],
  ['an unknown escape', '["\\x"]', 1],
  ['half a character', '["\\ud800"]', 1],
  ['a field twice', '{"a":1,"b":2,"a":3}', 13],
  ['a number beyond double precision', '[1e999]', 1],
  ['a number with a leading zero', '[01]', 2],
  ['NaN', '[NaN]', 1],
  ['nesting that is too deep', '['.repeat(100_000), 65],
  ['nesting that is too deep, in objects', '{"a":'.repeat(100_000), 325],
]

for (const [what, text, position] of refusedTexts) {
  test(`a body with ${what} is refused at its position`, () => {
    assert.throws(
      () => readJson(text),
      error =>
        isRotaError(error, 'JSON_INVALID') &&
        error.details['position'] === position &&
        error.message.includes(`position ${position}`),
    )
  })
}

test('bad JSON is a problem that names the position', async () => {
  const answer = await post(newsApp(), run, '{"input": [1, 2')
  assert.deepEqual(answer.slice(0, 2), [400, 'JSON_INVALID'])
  assert.match(answer[2], /position 15/)
})

test('what JSON.stringify writes is read back as the same', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), fc.constantFrom(0, 2), (value, indent) => {
      const text = JSON.stringify(value, null, indent)
      assert.deepEqual(readJson(text), JSON.parse(text))
    }),
    { numRuns: 500 },
  )
})

test('what is no JSON to JSON.parse is none here', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom(...Array.from('{}[]",:0123.eE+-truefalsn \\u\n\t')), maxLength: 12 }),
      text => {
        let strict = true
        try {
          readJson(text)
        } catch {
          strict = false
        }
        if (strict) assert.doesNotThrow(() => JSON.parse(text), text)
      },
    ),
    { numRuns: 3_000 },
  )
})

test('a body of many fields is read in one go', () => {
  const text = `{${Array.from({ length: 80_000 }, (_, i) => `"k${i}":${i}`).join(',')}}`
  assert.equal(Object.keys(readJson(text) as object).length, 80_000)
})
