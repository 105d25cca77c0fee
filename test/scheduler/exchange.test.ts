import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { systemClock } from '../../src/base/clock.ts'
import { RotaError, isRotaError } from '../../src/base/errors.ts'
import { instant, parseInstant } from '../../src/base/instant.ts'
import { policiesFrom } from '../../src/domain/schedule.ts'
import { writtenPolicies } from '../../src/domain/written-policies.ts'
import { rota } from '../../src/rota.ts'
import type { App } from '../../src/app.ts'
import type { ScheduleFile } from '../../src/scheduler/exchange.ts'

const NOW = parseInstant('2026-11-22T09:00:00Z')

const newApp = (): App => rota({ store: ':memory:', clock: { ...systemClock(), now: () => NOW } })

const fileOf = (...schedules: readonly unknown[]): unknown => ({ version: 1, schedules })
const news = { name: 'news', task: 'fetch', when: 'hourly' }

// As an export writes them.
const conditions = [
  'every 5 minutes and between 09:00 and 17:00',
  'daily at 09:00 and 13:30',
  '0 9 * * 1-5',
  'at 2031-12-01T09:00',
]
const milliseconds = fc.integer({ min: 0, max: 400_000_000 })
const isoInstants = fc
  .integer({ min: NOW, max: NOW + 10 ** 12 })
  .map(at => new Date(at).toISOString().replace('.000Z', 'Z'))
const names = fc.stringMatching(/^[a-z0-9][a-z0-9._:-]{0,20}$/)

const policies = fc
  .record(
    {
      grace: milliseconds,
      catchUp: fc.constantFrom('latest', 'none', 'all' as const),
      overlap: fc.oneof(
        fc.constantFrom('skip', 'queue', 'cancelPrevious' as const),
        fc.record({ queueAll: fc.integer({ min: 1, max: 50 }) }),
        fc.record({ allow: fc.integer({ min: 1, max: 50 }) }),
      ),
      jitter: milliseconds,
      startAt: isoInstants,
      maxRuns: fc.integer({ min: 1, max: 1_000_000 }),
    },
    { requiredKeys: [] },
  )
  .map(options => policiesFrom(options))

const schedules = fc
  .uniqueArray(
    fc.record({
      name: names,
      task: names,
      when: fc.constantFrom(...conditions),
      timezone: fc.constantFrom('UTC', 'Europe/Berlin', 'America/Nuuk'),
      anchor: isoInstants,
      policies,
      input: fc.option(fc.jsonValue(), { nil: undefined }),
      tags: fc.array(names, { maxLength: 3 }),
      paused: fc.option(fc.record({ by: fc.string(), why: fc.string(), at: isoInstants }), { nil: undefined }),
    }),
    { maxLength: 6, selector: schedule => schedule.name },
  )
  .map(list =>
    list
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
      .map(({ policies: wanted, input, tags, paused, ...rest }) => ({
        ...rest,
        ...writtenPolicies(wanted),
        // A minus zero is written as zero.
        ...(input === undefined || input === null ? {} : { input: JSON.parse(JSON.stringify(input)) as never }),
        ...(tags.length === 0 ? {} : { tags }),
        ...(paused === undefined ? {} : { paused }),
      })),
  )

describe('a file of schedules', () => {
  test('exported after its import is the same text, and imported again changes nothing', async () => {
    await fc.assert(
      fc.asyncProperty(schedules, async list => {
        await using app = newApp()
        const file: ScheduleFile = { version: 1, schedules: list }
        const text = JSON.stringify(file)
        const imported = await app.schedules.import(JSON.parse(text))
        assert.ok(imported.every(one => one.change === 'created'))
        assert.equal(JSON.stringify(await app.schedules.export()), text)
        const again = await app.schedules.import(JSON.parse(text))
        assert.deepEqual(
          again,
          list.map(({ name }) => ({ name, change: 'unchanged', differences: [] })),
        )
      }),
      { numRuns: 60 },
    )
  })

  test('says the policies as a person writes them, and reads them back as they were', () => {
    fc.assert(fc.property(policies, wanted => assert.deepEqual(policiesFrom(writtenPolicies(wanted)), wanted)))
    assert.deepEqual(writtenPolicies(policiesFrom({ grace: 90_000, catchUp: 'all' })), {
      grace: '1m30s',
      catchUp: 'all',
      catchUpLimit: 100,
      catchUpWindow: '1d',
    })
  })

  test('may be as short as a name, a task and when', async () => {
    await using app = newApp()
    await app.schedules.import(fileOf(news))
    assert.deepEqual(await app.schedules.export(), {
      version: 1,
      schedules: [{ ...news, timezone: 'UTC', anchor: '2026-11-22T09:00:00Z' }],
    })
  })

  test('holds nothing that has ended', async () => {
    let now: number = NOW
    await using app = rota({ store: ':memory:', clock: { ...systemClock(), now: () => instant(now) } })
    await app.schedules.import(fileOf(news, { name: 'once', task: 'fetch', when: 'at 2026-11-22T10:00' }))
    assert.equal((await app.schedules.export()).schedules.length, 2)
    await app.schedules.pause('once', 'ada')
    now += 7_200_000
    await app.schedules.resume('once', 'ada')
    assert.equal((await app.schedules.get('once')).status, 'ended')
    assert.deepEqual(
      (await app.schedules.export()).schedules.map(schedule => schedule.name),
      ['news'],
    )
  })
})

describe('an import', () => {
  const problemsOf = async (app: App, file: unknown): Promise<readonly string[]> => {
    try {
      await app.schedules.import(file)
      return []
    } catch (error) {
      assert.ok(isRotaError(error, 'IMPORT_INVALID'))
      return (error.details['problems'] ?? [error.message]) as readonly string[]
    }
  }

  test('with anything wrong changes nothing, and tells all of it with its place', async () => {
    await using app = newApp()
    const problems = await problemsOf(
      app,
      fileOf(
        { ...news, name: 'good' },
        { ...news, when: 'every 5 bananas' },
        { ...news, name: 'typo', timezon: 'UTC', grase: '5 min' },
        { ...news, name: 'good' },
        { name: 'poor' },
        { ...news, name: 'kinds', grace: {}, tags: 'x', maxRuns: '3' },
        { ...news, name: 'zone', timezone: 'Europe/Berlinn' },
        { ...news, name: 'paused', paused: { whyy: 'x' } },
        'text',
      ),
    )
    const expected = [
      /^schedules\[1\] 'news': .*bananas.*position 8/,
      /^schedules\[2\] 'typo': .*'timezon'\. Did you mean 'timezone'\?/,
      /^schedules\[2\] 'typo': .*'grase'\. Did you mean 'grace'\?/,
      /^schedules\[3\] 'good': .*already, schedules\[0\]/,
      /^schedules\[4\] 'poor': it has no 'task'/,
      /^schedules\[4\] 'poor': it has no 'when'/,
      /^schedules\[5\] 'kinds': 'grace' is \{\}; it is a string or number/,
      /^schedules\[5\] 'kinds': 'tags' is "x"; it is a list/,
      /^schedules\[5\] 'kinds': 'maxRuns' is "3"; it is a number/,
      /^schedules\[6\] 'zone': .*Berlinn/,
      /^schedules\[7\] 'paused': .*'whyy'\. Did you mean 'why'\?/,
      /^schedules\[8\]: it is no object/,
    ]
    const inOrder = problems.toSorted((a, b) => a.slice(0, 12).localeCompare(b.slice(0, 12)))
    assert.equal(inOrder.length, expected.length, inOrder.join('\n'))
    expected.forEach((pattern, i) => assert.match(inOrder[i] ?? '', pattern))
    assert.deepEqual((await app.schedules.export()).schedules, [])
  })

  test('of what is no such file says what it is', async () => {
    await using app = newApp()
    for (const file of [
      null,
      [],
      {},
      { version: 2, schedules: [] },
      { version: 1, schedules: {} },
      'x',
      { version: 1, schedules: [], more: 1 },
    ])
      assert.match((await problemsOf(app, file)).join(), /rota export/)
  })

  test('of anything at all ends in words', async () => {
    await using app = newApp()
    const anything = fc.record({
      version: fc.constant(1),
      schedules: fc.array(
        fc.oneof(
          fc.jsonValue(),
          fc.dictionary(
            fc.constantFrom(
              'name',
              'task',
              'when',
              'timezone',
              'anchor',
              'grace',
              'catchUp',
              'overlap',
              'jitter',
              'startAt',
              'maxRuns',
              'input',
              'tags',
              'paused',
            ),
            fc.jsonValue({ maxDepth: 1 }),
          ),
        ),
        { maxLength: 3 },
      ),
    })
    await fc.assert(
      fc.asyncProperty(anything, async file => {
        await app.schedules.import(file, { dryRun: true }).catch((error: unknown) => {
          assert.ok(error instanceof RotaError, String(error))
        })
      }),
    )
  })

  test('tried only says what would change, and changes nothing', async () => {
    await using app = newApp()
    await app.schedules.import(fileOf(news, { ...news, name: 'same' }))
    const before = await app.schedules.export()
    const would = await app.schedules.import(
      fileOf(
        { ...news, when: 'daily', anchor: '2026-11-22T09:00:00Z', paused: { by: 'ada' } },
        { ...news, name: 'same' },
        { ...news, name: 'new' },
      ),
      { dryRun: true },
    )
    assert.deepEqual(
      would.map(({ name, change }) => `${name} ${change}`),
      ['news changed', 'same unchanged', 'new created'],
    )
    assert.deepEqual(would[0]?.differences, [
      'when: hourly -> daily',
      'paused: none -> {"by":"ada","at":"2026-11-22T09:00:00Z"}',
    ])
    assert.deepEqual(await app.schedules.export(), before)
  })

  test('edits as an edit does, pauses and resumes, and leaves those it does not name', async () => {
    await using app = newApp()
    await app.schedules.import(fileOf({ ...news, paused: { by: 'ada', why: 'moving' } }, { ...news, name: 'other' }))
    const paused = await app.schedules.get('news')
    assert.deepEqual(paused.paused, { by: 'ada', why: 'moving', at: NOW, until: null })
    await app.schedules.import(fileOf({ ...news, when: 'daily' }))
    const edited = await app.schedules.get('news')
    assert.deepEqual([edited.condition, edited.revision, edited.paused, edited.mark], ['daily', 2, null, NOW])
    assert.equal(edited.anchor, paused.anchor)
    assert.equal((await app.schedules.get('other')).revision, 1)
  })

  test('keeps the end of a pause', async () => {
    await using app = newApp()
    const paused = { by: 'ada', at: '2026-11-22T09:00:00Z', until: '2026-11-22T11:00:00Z' }
    await app.schedules.import(fileOf({ ...news, paused }))
    assert.deepEqual((await app.schedules.export()).schedules[0]?.paused, paused)
  })

  test('of a schedule from code survives the next start of the same code', async () => {
    const clock = { ...systemClock(), now: () => NOW }
    await using app = rota({ store: ':memory:', clock })
    app.task('fetch', () => null)
    app.schedule('news', { task: 'fetch', when: 'hourly' })
    await app.start()
    await app.schedules.import(fileOf({ ...news, when: 'daily' }))
    const { origin, declared, declaredHash } = await app.schedules.get('news')
    assert.deepEqual([origin, declared, declaredHash === null], ['code', true, false])
  })

  test('of one whose last moment has passed meanwhile leaves it as it is', async () => {
    let now: number = NOW
    await using app = rota({ store: ':memory:', clock: { ...systemClock(), now: () => instant(now) } })
    await app.schedules.import(fileOf({ name: 'once', task: 'fetch', when: 'at 2026-11-22T10:00' }))
    const file = await app.schedules.export()
    now += 7_200_000
    assert.deepEqual(
      (await app.schedules.import(file)).map(one => one.change),
      ['unchanged'],
    )
  })
})
