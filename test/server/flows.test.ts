/** A flow over HTTP: asked for as a task is, shown as a graph, cancelled and run again as a run is. */

import assert from 'node:assert/strict'
import test from 'node:test'
import { instant } from '../../src/base/instant.ts'
import { chain, group, map } from '../../src/domain/flow.ts'
import { rota } from '../../src/rota.ts'
import type { App } from '../../src/app.ts'
import { api } from '../../src/server/api.ts'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'

interface Graph {
  readonly root: { readonly id: number; readonly state: string; readonly root: number }
  readonly nodes: readonly {
    readonly id: number
    readonly task: string
    readonly state: string
    readonly root: number
    readonly from: number
    readonly to: number
    readonly on: string
  }[]
  readonly edges: readonly { readonly from: number; readonly to: number; readonly rule: string }[] | null
  readonly counts: readonly { readonly task: string; readonly state: string; readonly count: number }[]
}
interface Page {
  readonly flow: Graph
  readonly next: string | null
}
type Ask = <T>(method: string, path: string, status?: number) => Promise<T>

const serving = async (define: (app: App) => void, use: (ask: Ask, clock: VirtualClock) => Promise<void>) => {
  const clock = new VirtualClock('2026-11-22T09:00:00Z')
  const app = rota({ store: ':memory:', clock, lookEvery: '1 h' })
  app.task('fetch', () => Array.from({ length: 150 }, (_, i) => i))
  app.task('parse', () => null)
  app.task('report', () => null)
  app.task('wait', ({ clock: time, signal }) => time.sleepUntil(instant(time.now() + 60_000), signal))
  define(app)
  await clock.during(app.start())
  const hono = api(app)
  const ask: Ask = async <T>(method: string, path: string, status = 200) => {
    const body = method === 'POST' ? { body: '{}', headers: { 'content-type': 'application/json' } } : {}
    const response = await clock.during(Promise.resolve(hono.request(path, { method, ...body })))
    assert.equal(response.status, status, `${method} ${path}`)
    await clock.settle()
    return (await response.json()) as T
  }
  try {
    await use(ask, clock)
  } finally {
    const stopped = app.stop({ grace: 0 })
    await clock.advance('1 s')
    await stopped
  }
}

test('a flow is asked for by its name, and shown with its runs and what comes after what', () =>
  serving(
    app => app.flow('nightly', chain('fetch', group('parse', { task: 'report', on: 'fails' }))),
    async ask => {
      const { id } = await ask<{ id: number }>('POST', '/api/v1/tasks/nightly/runs', 201)
      const { flow, next } = await ask<Page>('GET', `/api/v1/runs/${id}/flow`)
      assert.deepEqual([flow.root.id, flow.root.state, flow.root.root, next], [id, 'succeeded', id, null])
      assert.deepEqual(
        flow.nodes.map(({ task, state, root, on }) => [task, state, root, on]),
        [
          ['fetch', 'succeeded', id, 'succeeds'],
          ['parse', 'succeeded', id, 'succeeds'],
          ['report', 'skipped', id, 'fails'],
        ],
      )
      assert.deepEqual(flow.edges, [
        { from: id + 1, to: id + 2, rule: 'succeeds' },
        { from: id + 1, to: id + 3, rule: 'fails' },
      ])
      // By one of its steps too.
      assert.equal((await ask<Page>('GET', `/api/v1/runs/${id + 2}/flow`)).flow.root.id, id)
    },
  ))

test('a large flow comes in pages, each with the edges that lead to its runs', () =>
  serving(
    app => app.flow('wide', chain('fetch', map('parse'), 'report')),
    async ask => {
      const { id } = await ask<{ id: number }>('POST', '/api/v1/tasks/wide/runs', 201)
      const first = await ask<Page>('GET', `/api/v1/runs/${id}/flow?limit=100`)
      assert.equal(first.flow.nodes.length, 100)
      // The run that joins was made with the flow, before the runs of the map.
      const report = first.flow.nodes.find(({ task }) => task === 'report')
      assert.equal(first.flow.edges?.filter(({ to }) => to === report?.id).length, 150)
      const second = await ask<Page>('GET', `/api/v1/runs/${id}/flow?limit=100&cursor=${first.next}`)
      assert.deepEqual([second.flow.nodes.length, second.flow.edges?.length, second.next], [52, 52, null])
      assert.deepEqual(
        second.flow.counts.map(({ task, state, count }) => [task, state, count]),
        [
          ['fetch', 'succeeded', 1],
          ['parse', 'succeeded', 150],
          ['report', 'succeeded', 1],
        ],
      )
    },
  ))

test('what is too many edges to be told one by one is said by the points alone', () =>
  serving(
    app => app.flow('crossing', chain(map('parse', { over: range(150) }), map('parse', { over: range(100) }))),
    async ask => {
      const { id } = await ask<{ id: number }>('POST', '/api/v1/tasks/crossing/runs', 201)
      const first = await ask<Page>('GET', `/api/v1/runs/${id}/flow?limit=150`)
      const { flow } = await ask<Page>('GET', `/api/v1/runs/${id}/flow?limit=150&cursor=${first.next}`)
      assert.deepEqual([first.flow.edges, flow.nodes.length, flow.edges], [[], 100, null])
      assert.deepEqual([first.flow.nodes[0]?.to, flow.nodes[0]?.from], [2, 2])
    },
  ))

test('a flow is cancelled whole, and run again as a new one', () =>
  serving(
    app => app.flow('slow', chain('wait', 'report')),
    async ask => {
      const { id } = await ask<{ id: number }>('POST', '/api/v1/tasks/slow/runs', 201)
      await ask('POST', `/api/v1/runs/${id}/cancellations`, 202)
      const { flow } = await ask<Page>('GET', `/api/v1/runs/${id}/flow`)
      assert.deepEqual(
        [flow.root.state, ...flow.nodes.map(({ state }) => state)],
        ['cancelled', 'cancelled', 'cancelled'],
      )
      const again = await ask<{ id: number; root: number }>('POST', `/api/v1/runs/${id}/retries`, 201)
      assert.notEqual(again.root, id)
    },
  ))

test('a run of no flow has none to show', () =>
  serving(
    () => {},
    async ask => {
      const { id } = await ask<{ id: number }>('POST', '/api/v1/tasks/report/runs', 201)
      const problem = await ask<{ code: string }>('GET', `/api/v1/runs/${id}/flow`, 404)
      assert.equal(problem.code, 'FLOW_UNKNOWN')
    },
  ))

const range = (length: number): readonly number[] => Array.from({ length }, (_, i) => i)
