/** A real answer of a real source (1,707 earthquakes of a week in 2018), paged. */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { json, source } from '../../src/scrape/index.ts'
import { sendJson, serve } from './server.ts'
import type { Behaviour } from './server.ts'
import { succeeded, World } from './world.ts'

interface Quakes {
  readonly features: readonly { readonly id: string; readonly properties: { readonly mag: number } }[]
}

const week = JSON.parse(
  readFileSync(new URL('../../node_modules/vega-datasets/data/earthquakes.json', import.meta.url), 'utf8'),
) as Quakes

const inPages: Behaviour = (_, response, url) => {
  const offset = Number(url.searchParams.get('offset'))
  sendJson(response, { metadata: { count: week.features.length }, features: week.features.slice(offset, offset + 100) })
}

const quakes = (origin: string) =>
  source({
    name: 'quakes',
    allowPrivate: true,
    ask: ({ page }) => `${origin}/query?offset=${page.offset}&limit=100`,
    read: json({
      items: '$.features[*]',
      fields: { id: '$.id', place: '$.properties.place', magnitude: '$.properties.mag', at: '$.properties.time' },
    }),
    pages: { by: 'offset', size: 100 },
    total: '$.metadata.count',
    key: 'id',
  })

test('every earthquake of the week is kept, page by page', async () => {
  await using server = await serve(inPages)
  const world = new World()
  succeeded(await world.run(quakes(server.origin)))
  assert.equal(world.items.size, 1_707)
  assert.equal(server.requests.length, 18)
  assert.deepEqual(world.unit('quakes').items, { seen: 1_707, new: 1_707, changed: 0, unchanged: 0, invalid: 0 })
})

test('a second run finds nothing new', async () => {
  await using server = await serve(inPages)
  const world = new World()
  succeeded(await world.run(quakes(server.origin)))
  world.nextRun()
  succeeded(await world.run(quakes(server.origin)))
  assert.deepEqual(world.unit('quakes').items, { seen: 1_707, new: 0, changed: 0, unchanged: 1_707, invalid: 0 })
})
