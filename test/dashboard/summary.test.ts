import assert from 'node:assert/strict'
import test from 'node:test'
import { instant } from '../../src/base/instant.ts'
import { healthRow, at, NOW, plainApp, runRow, scheduleRow } from '../server/plain-app.ts'
import type { PlainData } from '../server/plain-app.ts'
import { open } from './read.ts'

const soon = instant(NOW + 12_000)
const feed = scheduleRow({ id: 1, name: 'news-feed', nextAt: soon })
const source = (
  name: string,
  state: 'failing' | 'degraded' | 'healthy',
  ...reasons: string[]
): ReturnType<typeof healthRow> =>
  healthRow({ subject: { kind: 'source', name }, state, since: at('09:12:04'), reasons })

const sentences: readonly (readonly [data: Partial<PlainData>, sentence: string])[] = [
  [{ schedules: [feed] }, 'All well: 1 schedule, the next run is news-feed in 12 s.'],
  [
    { schedules: [feed, scheduleRow({ id: 2, name: 'b', nextAt: null })] },
    'All well: 2 schedules, the next run is news-feed in 12 s.',
  ],
  [
    { schedules: [scheduleRow({ name: 'b', condition: "after 'a' succeeds", nextAt: null })] },
    'All well: 1 schedule, b waits for what others do.',
  ],
  [{ schedules: [scheduleRow({ name: 'b', nextAt: null })] }, 'All well: 1 schedule, and nothing is to come.'],
  [{}, 'Nothing is scheduled yet.'],
  [
    { schedules: [{ ...feed, paused: { at: NOW, by: 'api', why: null, until: null } }] },
    'The only schedule is paused.',
  ],
  [
    {
      schedules: [1, 2, 3].map(id =>
        scheduleRow({ id, name: `s${id}`, paused: { at: NOW, by: 'api', why: null, until: null } }),
      ),
    },
    'All 3 schedules are paused.',
  ],
  [
    { schedules: [feed], problems: ['the disk of the store is full'] },
    'Rota cannot do its work: the disk of the store is full.',
  ],
  [
    { schedules: [feed], problems: ['the disk is full', 'the clock jumped'] },
    'Rota cannot do its work: the disk is full, and 1 more problem.',
  ],
  [
    { schedules: [feed], healths: [source('fixtures', 'failing', 'refused: block page')] },
    'fixtures is failing since 09:12 UTC: refused: block page.',
  ],
  [{ schedules: [feed], healths: [source('a', 'failing'), source('b', 'failing')] }, 'a and b are failing.'],
  [
    { schedules: [feed], healths: ['a', 'b', 'c', 'd', 'e'].map(name => source(name, 'failing')) },
    'a, b, c and 2 others are failing.',
  ],
  [
    { schedules: [feed], healths: [source('odds', 'degraded', '5 of the last 20 runs were bad')] },
    'odds is degraded since 09:12 UTC: 5 of the last 20 runs were bad.',
  ],
  [
    { schedules: [feed], healths: [source('a', 'healthy'), source('b', 'degraded'), source('c', 'failing')] },
    'c is failing since 09:12 UTC.',
  ],
  [
    {
      schedules: [feed],
      healths: [healthRow({ subject: { kind: 'task', name: 'report' }, state: 'failing', since: at('09:12:04') })],
    },
    'report is failing since 09:12 UTC.',
  ],
  [
    { schedules: [scheduleRow({ name: 'late-one', nextAt: at('09:16:00') })] },
    'late-one is late: it was due at 09:16 UTC, 4 min 30 s ago.',
  ],
  [
    { schedules: [scheduleRow({ name: 'just-due', nextAt: instant(NOW - 1_500) })] },
    'All well: 1 schedule, the next run is just-due 1 s ago.',
  ],
  [
    { schedules: [scheduleRow({ name: 'odd', status: 'unloadable', problem: "there is no task 'gone'" })] },
    "odd cannot be loaded: there is no task 'gone'.",
  ],
  [
    {
      schedules: [feed],
      pauses: [{ queue: null, pause: { at: at('09:12:00'), by: 'ada', why: 'the site moves', until: null } }],
    },
    'Everything is paused by ada since 09:12 UTC: the site moves.',
  ],
  [
    {
      schedules: [feed],
      pauses: [{ queue: 'slow', pause: { at: at('09:12:00'), by: 'ada', why: null, until: null } }],
    },
    'All well: 1 schedule, the next run is news-feed in 12 s.',
  ],
  [
    {
      schedules: [feed],
      runs: [
        runRow({
          id: 4,
          schedule: 'news-feed',
          scheduleId: 1,
          state: 'failed',
          reason: 'error',
          endedAt: at('09:18:30'),
          error: { name: 'E', message: 'no\nmore lines' },
        }),
      ],
    },
    'The last run of news-feed failed 2 min ago (#4): no.',
  ],
  [
    {
      schedules: [feed],
      runs: [
        runRow({ id: 4, schedule: 'news-feed', scheduleId: 1, state: 'failed', reason: 'error' }),
        runRow({ id: 5, schedule: 'news-feed', scheduleId: 1 }),
        runRow({ id: 6, schedule: 'news-feed', scheduleId: 1, state: 'skipped', reason: 'overlap' }),
      ],
    },
    'All well: 1 schedule, the next run is news-feed in 12 s.',
  ],
]

for (const [data, sentence] of sentences) {
  test(sentence, async () => {
    const { lines } = await open(plainApp(data), '/')
    assert.deepEqual(lines('h1'), [sentence])
  })
}
