import assert from 'node:assert/strict'
import test from 'node:test'
import { api } from '../../src/server/api.ts'
import type { RunId } from '../../src/base/name.ts'
import { noItems } from '../../src/domain/unit.ts'
import { at, plainApp, runRow, scheduleRow, sourceRow, taskRow } from './plain-app.ts'

interface Operation {
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema: Schema }>> }>
  >
  readonly parameters?: readonly { readonly name: string; readonly in: string }[]
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> }
}
type Schema = Readonly<Record<string, unknown>>
interface Description {
  readonly openapi: string
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> }
}

const app = plainApp({
  tasks: [taskRow('news', 'source')],
  schedules: [
    scheduleRow({
      id: 1,
      name: 'news-feed',
      task: 'news',
      input: { page: 1 },
      tags: ['press'],
      paused: { at: at('09:00:00'), by: 'api', why: null, until: null },
    }),
    scheduleRow({ id: 2, name: 'other', task: 'news', status: 'ended', nextAt: null }),
  ],
  runs: [
    runRow({ id: 1, schedule: 'news-feed', scheduleId: 1, nominalAt: at('09:00:00'), input: { page: 1 }, result: [1] }),
    runRow({
      id: 2,
      state: 'failed',
      reason: 'error',
      attempt: 2,
      error: { name: 'E', message: 'm', code: 'C', stack: 's', cause: { name: 'E', message: 'm' } },
    }),
    runRow({
      id: 3,
      state: 'skipped',
      reason: 'overlap',
      trigger: { kind: 'again', by: 'api', of: 2 as RunId },
      startedAt: null,
    }),
    runRow({ id: 4, task: 'nightly', root: 4 as RunId }),
    runRow({ id: 5, root: 4 as RunId, trigger: { kind: 'flow', run: 4 as RunId } }),
    runRow({ id: 6, root: 4 as RunId, trigger: { kind: 'flow', run: 4 as RunId } }),
  ],
  attempts: [
    {
      run: 2 as RunId,
      attempt: 1,
      worker: 'w1',
      startedAt: at('09:00:00'),
      endedAt: at('09:00:02'),
      outcome: 'given back',
      reason: null,
      error: null,
    },
  ],
  units: [
    {
      run: 2 as RunId,
      source: 'news',
      query: '',
      state: 'partial',
      verdict: 'truncated',
      detail: null,
      attempt: 1,
      startedAt: at('09:00:00'),
      endedAt: at('09:00:01'),
      requests: 1,
      items: noItems,
    },
  ],
  lines: [{ run: 1 as RunId, seq: 1, at: at('09:00:00'), level: 'info', message: 'm', fields: { a: 1 } }],
  sources: [sourceRow('news', { lastGoodAt: null }, 3)],
  changes: [
    {
      subject: { kind: 'source', name: 'news' },
      from: 'unknown',
      to: 'healthy',
      at: at('08:00:00'),
      run: 1 as RunId,
      reasons: [],
    },
  ],
  notices: [
    {
      number: 7,
      id: '7-a',
      kind: 'failed',
      subject: { kind: 'schedule', name: 'news-feed' },
      run: 2 as RunId,
      at: at('09:00:02'),
      text: "'news-feed' failed: E: m",
      destination: 'ops',
      state: 'waiting',
      tries: 1,
      dueAt: at('09:00:09'),
      problem: 'HTTP 500',
      endedAt: null,
    },
  ],
  items: [
    {
      source: 'news',
      key: 'a',
      hash: 'h',
      data: { title: 'A' },
      version: 1,
      firstSeenAt: at('08:00:00'),
      lastSeenAt: at('08:00:00'),
      changedAt: at('08:00:00'),
    },
  ],
  queues: [
    {
      name: 'slow',
      running: 1,
      waiting: 2,
      concurrency: 1,
      paused: { at: at('08:00:00'), by: 'ada', why: null, until: null },
    },
  ],
})
const hono = api(app)
const description = (await (await hono.request('/api/v1/openapi.json')).json()) as Description

test('the description is OpenAPI 3.1 and names every address and method', () => {
  assert.equal(description.openapi, '3.1.0')
  const operations = Object.entries(description.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map(method => `${method.toUpperCase()} ${path}`),
  )
  assert.deepEqual(operations.sort(), [
    'DELETE /api/v1/schedules/{name}',
    'GET /api/v1/events',
    'GET /api/v1/notices',
    'GET /api/v1/openapi.json',
    'GET /api/v1/queues',
    'GET /api/v1/runs',
    'GET /api/v1/runs/{id}',
    'GET /api/v1/runs/{id}/explanation',
    'GET /api/v1/runs/{id}/flow',
    'GET /api/v1/runs/{id}/logs',
    'GET /api/v1/schedules',
    'GET /api/v1/schedules/{name}',
    'GET /api/v1/schedules/{name}/explanation',
    'GET /api/v1/sources',
    'GET /api/v1/sources/{name}',
    'GET /api/v1/sources/{name}/items',
    'GET /api/v1/status',
    'GET /api/v1/tasks',
    'GET /api/v1/workers',
    'GET /healthz',
    'GET /readyz',
    'POST /api/v1/pause',
    'POST /api/v1/queues/{name}/pause',
    'POST /api/v1/queues/{name}/resume',
    'POST /api/v1/resume',
    'POST /api/v1/runs/{id}/cancellations',
    'POST /api/v1/runs/{id}/retries',
    'POST /api/v1/schedules',
    'POST /api/v1/schedules/{name}/pause',
    'POST /api/v1/schedules/{name}/resume',
    'POST /api/v1/tasks/{name}/runs',
  ])
})

test('the description tells parameters, bodies and problems', () => {
  const runs = description.paths['/api/v1/runs']?.['get']
  assert.deepEqual(
    runs?.parameters?.map(one => one.name),
    ['state', 'task', 'schedule', 'source', 'limit', 'cursor'],
  )
  const create = description.paths['/api/v1/schedules']?.['post']
  const body = create?.requestBody?.content['application/json']?.schema as {
    required: string[]
    additionalProperties: boolean
  }
  assert.deepEqual([body.required, body.additionalProperties], [['name', 'task', 'condition'], false])
  assert.deepEqual(Object.keys(create?.responses ?? {}).sort(), ['201', '400', '404', '409', '422', 'default'])
})

const answers: readonly [method: string, path: string, described: string, body?: object][] = [
  ['GET', '/api/v1/status', '/api/v1/status'],
  ['GET', '/healthz', '/healthz'],
  ['GET', '/readyz', '/readyz'],
  ['GET', '/api/v1/schedules', '/api/v1/schedules'],
  ['GET', '/api/v1/schedules/news-feed', '/api/v1/schedules/{name}'],
  ['GET', '/api/v1/schedules/news-feed/explanation', '/api/v1/schedules/{name}/explanation'],
  ['GET', '/api/v1/schedules/other/explanation?at=2026-11-22T09:00', '/api/v1/schedules/{name}/explanation'],
  ['GET', '/api/v1/runs/1/explanation', '/api/v1/runs/{id}/explanation'],
  ['GET', '/api/v1/runs/2/explanation', '/api/v1/runs/{id}/explanation'],
  ['GET', '/api/v1/runs', '/api/v1/runs'],
  ['GET', '/api/v1/runs/1', '/api/v1/runs/{id}'],
  ['GET', '/api/v1/runs/2', '/api/v1/runs/{id}'],
  ['GET', '/api/v1/runs/4/flow', '/api/v1/runs/{id}/flow'],
  ['GET', '/api/v1/runs/1/logs', '/api/v1/runs/{id}/logs'],
  ['GET', '/api/v1/sources', '/api/v1/sources'],
  ['GET', '/api/v1/sources/news', '/api/v1/sources/{name}'],
  ['GET', '/api/v1/sources/news/items', '/api/v1/sources/{name}/items'],
  ['GET', '/api/v1/notices', '/api/v1/notices'],
  ['GET', '/api/v1/tasks', '/api/v1/tasks'],
  ['POST', '/api/v1/tasks/news/runs', '/api/v1/tasks/{name}/runs', { input: 1 }],
  ['POST', '/api/v1/runs/2/retries', '/api/v1/runs/{id}/retries', {}],
  ['POST', '/api/v1/schedules', '/api/v1/schedules', { name: 'new', task: 'news', condition: 'hourly' }],
  ['POST', '/api/v1/schedules/news-feed/pause', '/api/v1/schedules/{name}/pause', { why: 'x' }],
  ['POST', '/api/v1/schedules/news-feed/resume', '/api/v1/schedules/{name}/resume', {}],
  ['GET', '/api/v1/queues', '/api/v1/queues'],
  ['GET', '/api/v1/workers', '/api/v1/workers'],
  ['POST', '/api/v1/queues/slow/pause', '/api/v1/queues/{name}/pause', { why: 'x' }],
  ['POST', '/api/v1/queues/slow/resume', '/api/v1/queues/{name}/resume', {}],
  ['POST', '/api/v1/pause', '/api/v1/pause', {}],
  ['POST', '/api/v1/resume', '/api/v1/resume', {}],
  ['DELETE', '/api/v1/schedules/other', '/api/v1/schedules/{name}'],
]

for (const [method, path, described, body] of answers) {
  test(`${method} ${path} answers exactly what the description says`, async () => {
    const response = await hono.request(path, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    })
    const operation = description.paths[described]?.[method.toLowerCase()]
    const schema = operation?.responses[String(response.status)]?.content?.['application/json']?.schema
    assert.ok(schema, `${response.status} is not described`)
    assert.deepEqual(faults(schema, await response.json()), [])
  })
}

/** Where a value does not fit a schema, or holds more than it says: enough of JSON Schema for what is described here. */
const faults = (schema: Schema, value: unknown, path = '$'): readonly string[] => {
  const {
    $ref,
    anyOf,
    allOf,
    type,
    properties,
    required,
    items,
    additionalProperties,
    enum: words,
    const: constant,
  } = schema as {
    $ref?: string
    anyOf?: Schema[]
    allOf?: Schema[]
    type?: string | string[]
    properties?: Record<string, Schema>
    required?: string[]
    items?: Schema
    additionalProperties?: boolean | Schema
    enum?: unknown[]
    const?: unknown
  }
  if ($ref !== undefined) return faults(description.components.schemas[$ref.split('/').at(-1) ?? ''] ?? {}, value, path)
  if (anyOf !== undefined)
    return anyOf.some(one => faults(one, value, path).length === 0) ? [] : [`${path} fits none of its choices`]
  if (allOf !== undefined) return faults(merged(allOf), value, path)
  if (words !== undefined && !words.includes(value)) return [`${path} is ${String(value)}`]
  if (constant !== undefined && constant !== value) return [`${path} is not ${JSON.stringify(constant)}`]
  if (type !== undefined && ![type].flat().some(one => isOf(one, value))) return [`${path} is no ${String(type)}`]
  if (Array.isArray(value) && items !== undefined) return value.flatMap((one, i) => faults(items, one, `${path}[${i}]`))
  if (typeof value !== 'object' || value === null || properties === undefined) return []
  const missing = (required ?? []).filter(name => !Object.hasOwn(value, name)).map(name => `${path}.${name} is missing`)
  const unknown =
    additionalProperties === undefined ? Object.keys(value).filter(name => !Object.hasOwn(properties, name)) : []
  const inside = Object.entries(value).flatMap(([name, one]) => faults(properties[name] ?? {}, one, `${path}.${name}`))
  return [...missing, ...unknown.map(name => `${path}.${name} is not described`), ...inside]
}

const merged = (all: readonly Schema[]): Schema => {
  const whole = all.map(one =>
    typeof one['$ref'] === 'string'
      ? merged([description.components.schemas[one['$ref'].split('/').at(-1) ?? ''] ?? {}])
      : 'allOf' in one
        ? merged(one['allOf'] as Schema[])
        : one,
  )
  return {
    ...Object.assign({}, ...whole),
    properties: Object.assign({}, ...whole.map(one => one['properties'])),
    required: whole.flatMap(one => (one['required'] as string[] | undefined) ?? []),
  }
}

const isOf = (type: string, value: unknown): boolean => {
  switch (type) {
    case 'null':
      return value === null
    case 'array':
      return Array.isArray(value)
    case 'integer':
      return Number.isInteger(value)
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value)
    default:
      return typeof value === type
  }
}
