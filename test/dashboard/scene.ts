/** A day in the life of a Rota that scrapes: every state, every trouble, long names and few, as plain data. */

import { instant } from '../../src/base/instant.ts'
import type { RunId } from '../../src/base/name.ts'
import { duration } from '../../src/base/duration.ts'
import { noItems } from '../../src/domain/unit.ts'
import { defaultPolicies } from '../../src/domain/schedule.ts'
import type { Run } from '../../src/domain/run.ts'
import { at, healthRow, NOW, plainApp, runRow, scheduleRow, sourceRow, taskRow } from '../server/plain-app.ts'
import type { PlainApp, PlainData } from '../server/plain-app.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND

const refused = {
  name: 'RotaError',
  message:
    'fixtures-api.example.org answered with a block page (HTTP 403, "Attention Required!") where JSON was promised',
  code: 'ANSWER_BROKEN',
  stack: `RotaError: fixtures-api.example.org answered with a block page
    at judge (file:///app/src/scrape/fetch/judge.ts:118:11)
    at async ask (file:///app/src/scrape/fetch/ask.ts:64:20)
    at async handler (file:///app/src/scrape/source.ts:91:22)`,
  cause: {
    name: 'HttpError',
    message: 'HTTP 403 Forbidden',
    stack: 'HttpError: HTTP 403 Forbidden\n    at request (file:///app/src/scrape/fetch/transport.ts:40:13)',
  },
}

interface Series {
  readonly schedule: string
  readonly scheduleId: number
  readonly task?: string
  /** One letter a run, oldest first: s p f S (skipped) c r q R o l (late). */
  readonly letters: string
  readonly everyMs: number
  /** How long ago the newest was due. */
  readonly agoMs?: number
  readonly tookMs: number
}

let nextId = 1
const series = ({ schedule, scheduleId, task = schedule, letters, everyMs, agoMs = 0, tookMs }: Series): Run[] =>
  Array.from(letters).map((letter, i) => {
    const id = nextId++
    const nominalAt = instant(Math.floor(NOW / MINUTE) * MINUTE - agoMs - (letters.length - 1 - i) * everyMs)
    const startedAt = instant(nominalAt + (letter === 'l' ? 95 * SECOND : 40))
    const base = {
      id,
      schedule,
      scheduleId,
      task,
      nominalAt,
      createdAt: nominalAt,
      startedAt,
      endedAt: instant(startedAt + tookMs + ((i * 977) % 1_700)),
    }
    const live = { endedAt: null, attempt: 1, worker: 'lab:4711' }
    switch (letter) {
      case 'p':
        return runRow({
          ...base,
          state: 'partial',
          detail: 'page 9 of 12 did not answer: 3 units of 12 failed',
          unitsOk: 9,
          unitsFailed: 3,
        })
      case 'f':
        return runRow({
          ...base,
          state: 'failed',
          reason: 'error',
          error: refused,
          attempt: 3,
          attemptsAllowed: 3,
          unitsFailed: 2,
        })
      case 'S':
        return runRow({
          ...base,
          state: 'skipped',
          reason: 'overlap',
          detail: `run ${id - 1} was still running`,
          startedAt: null,
          attempt: 0,
          endedAt: nominalAt,
        })
      case 'c':
        return runRow({ ...base, state: 'cancelled', detail: 'cancelled by dashboard', cancelledBy: 'dashboard' })
      case 'r':
        return runRow({ ...base, ...live, state: 'running' })
      case 'q':
        return runRow({ ...base, ...live, state: 'queued', startedAt: null, attempt: 0 })
      case 'R':
        return runRow({
          ...base,
          ...live,
          state: 'retrying',
          error: refused,
          attempt: 2,
          attemptsAllowed: 3,
          retryAt: instant(NOW + 24 * SECOND),
        })
      case 'o':
        return runRow({
          ...base,
          ...live,
          state: 'open',
          startedAt: null,
          attempt: 0,
          detail: `run ${id - 1} is still running`,
        })
      default:
        return runRow({ ...base, unitsOk: 4 })
    }
  })

/** The longest name that is allowed, in letters that wrap nowhere. */
export const LONG_NAME =
  `competitor-prices-of-all-categories-in-the-german-speaking-markets-including-outlets-and-bundles`.padEnd(100, 'x')

/** A busy morning: one source failing, one degraded, one late schedule unless `calm`. */
export const busyScene = (change: Partial<PlainData> = {}): PlainApp => {
  nextId = 1_012
  const runs = [
    ...series({
      schedule: 'fixtures',
      scheduleId: 1,
      letters: 'ssssssssssssspssssssssssslfffff',
      everyMs: 5 * MINUTE,
      tookMs: 2_100,
    }),
    ...series({
      schedule: 'news-feed',
      scheduleId: 2,
      letters: 'ssssssslssssssssssssssSsssssssr',
      everyMs: MINUTE,
      tookMs: 840,
    }),
    ...series({
      schedule: 'odds-board',
      scheduleId: 3,
      letters: 'sssSSssssspsspsssscsspsssssspR',
      everyMs: 2 * MINUTE,
      tookMs: 31_000,
    }),
    ...series({
      schedule: 'report-daily',
      scheduleId: 4,
      task: 'report',
      letters: 'ssssss',
      everyMs: 24 * 60 * MINUTE,
      agoMs: 80 * MINUTE,
      tookMs: 184_000,
    }),
    ...series({
      schedule: LONG_NAME,
      scheduleId: 5,
      letters: 'sssssssssssssssssssssssssssrSo',
      everyMs: 15 * MINUTE,
      tookMs: 620_000,
    }),
  ]
  const failed = runs.filter(run => run.schedule === 'fixtures').at(-1)
  const byHand = runRow({
    id: nextId++,
    task: 'report',
    trigger: { kind: 'hand', by: 'dashboard' },
    createdAt: at('09:18:00'),
    startedAt: at('09:18:01'),
    endedAt: at('09:20:12'),
    result: { rows: 1_284, file: 'report-2026-11-22.csv' },
  })
  const again = runRow({
    id: nextId++,
    task: 'fixtures',
    trigger: { kind: 'again', by: 'dashboard', of: (failed?.id ?? 1) as RunId },
    state: 'queued',
    createdAt: at('09:20:20'),
    startedAt: null,
    endedAt: null,
    attempt: 0,
  })
  return plainApp({
    tasks: [
      taskRow('fixtures', 'source'),
      taskRow('news-feed', 'source'),
      taskRow('odds-board', 'source'),
      taskRow('report'),
    ],
    schedules: [
      scheduleRow({
        id: 1,
        name: 'fixtures',
        condition: "every 5 minutes and not on 'holidays'",
        timezone: 'Europe/Berlin',
        nextAt: instant(NOW + 270 * SECOND),
      }),
      scheduleRow({
        id: 2,
        name: 'news-feed',
        condition: 'every 1 minute',
        nextAt: instant(NOW + 12 * SECOND),
        input: { section: 'sport' },
      }),
      scheduleRow({
        id: 3,
        name: 'odds-board',
        condition: 'every 2 minutes and between 07:00 and 23:00',
        timezone: 'Europe/London',
        nextAt: instant(NOW + 90 * SECOND),
        policies: { ...defaultPolicies, jitter: duration(10 * SECOND), overlap: { kind: 'queueAll', limit: 3 } },
      }),
      scheduleRow({
        id: 4,
        name: 'report-daily',
        task: 'report',
        condition: 'daily at 09:00',
        timezone: 'America/Argentina/Buenos_Aires',
        nextAt: instant(NOW + 2 * 60 * MINUTE + 40 * MINUTE),
        tags: ['report', 'finance'],
      }),
      scheduleRow({
        id: 5,
        name: LONG_NAME,
        condition:
          "every 15 minutes and (between 06:00 and 09:00 or between 17:00 and 23:30) and on weekdays and 'warehouse-database' is running",
        timezone: 'Europe/Zurich',
        nextAt: instant(NOW - 130 * SECOND),
      }),
      scheduleRow({
        id: 6,
        name: 'video-search',
        condition: 'every 3 hours',
        timezone: 'UTC',
        nextAt: instant(NOW + 60 * MINUTE),
        paused: {
          at: at('08:02:11'),
          by: 'api',
          why: 'the daily quota is used up until midnight Pacific',
          until: null,
        },
        origin: 'run time',
      }),
      scheduleRow({
        id: 7,
        name: 'after-fixtures',
        task: 'report',
        condition: "after 'fixtures' succeeds",
        nextAt: null,
      }),
      scheduleRow({
        id: 8,
        name: 'season-2025',
        task: 'fixtures',
        condition: 'at 2026-06-30T09:00',
        nextAt: null,
        status: 'ended',
      }),
    ],
    runs: [...runs, byHand, again],
    attempts:
      failed === undefined
        ? []
        : [1, 2, 3].map(attempt => ({
            run: failed.id,
            attempt,
            worker: 'lab:4711',
            startedAt: instant((failed.startedAt ?? NOW) + (attempt - 1) * 700),
            endedAt: instant((failed.startedAt ?? NOW) + (attempt - 1) * 700 + 320),
            outcome: 'failed' as const,
            reason: 'error' as const,
            error: refused,
          })),
    units:
      failed === undefined
        ? []
        : [
            {
              run: failed.id,
              source: 'fixtures',
              query: 'bundesliga',
              state: 'failed',
              verdict: 'refused',
              detail: 'block page: "Attention Required!"',
              attempt: 3,
              startedAt: failed.startedAt ?? NOW,
              endedAt: instant((failed.startedAt ?? NOW) + 610),
              requests: 3,
              items: noItems,
            },
            {
              run: failed.id,
              source: 'fixtures',
              query: 'premier-league',
              state: 'partial',
              verdict: 'truncated',
              detail: 'the source says 380 items, we have 240',
              attempt: 3,
              startedAt: failed.startedAt ?? NOW,
              endedAt: instant((failed.startedAt ?? NOW) + 1_840),
              requests: 6,
              items: { seen: 240, new: 12, changed: 31, unchanged: 196, invalid: 1 },
            },
            {
              run: failed.id,
              source: 'news-feed',
              query: '',
              state: 'succeeded',
              verdict: 'ok',
              detail: null,
              attempt: 1,
              startedAt: failed.startedAt ?? NOW,
              endedAt: instant((failed.startedAt ?? NOW) + 410),
              requests: 1,
              items: { seen: 40, new: 2, changed: 0, unchanged: 38, invalid: 0 },
            },
          ],
    lines:
      failed === undefined
        ? []
        : [
            ['debug', 'robots.txt allows this path', { host: 'fixtures-api.example.org' }],
            [
              'info',
              'asking for page 1',
              { query: 'bundesliga', url: 'https://fixtures-api.example.org/v2/fixtures?league=bundesliga&page=1' },
            ],
            ['warn', 'refused, waiting before the next try', { status: 403, tries: 1, wait: '2s' }],
            ['info', 'asking for page 1', { query: 'bundesliga', tries: 2 }],
            [
              'error',
              'refused again: "Attention Required!"\n  <title>Attention Required! | Example</title>',
              { status: 403, tries: 3 },
            ],
            ['info', 'unit over', { items: 240, new: 12, changed: 31 }],
          ].map(([level, message, fields], i) => ({
            run: failed.id,
            seq: i + 1,
            at: instant((failed.startedAt ?? NOW) + i * 140),
            level: level as 'info',
            message: message as string,
            fields: fields as Record<string, string>,
          })),
    sources: [
      sourceRow(
        'news-feed',
        { since: at('00:12:00'), reasons: [], recent: 0, judged: 20, lastGoodAt: at('09:20:01') },
        128_412,
      ),
      sourceRow(
        'fixtures',
        {
          state: 'failing',
          since: at('09:12:04'),
          reasons: ['5 bad in a row', 'refused: block page: "Attention Required!"'],
          recent: 0b11111,
          judged: 20,
          badInARow: 5,
          lastGoodAt: at('08:57:02'),
        },
        3_806,
      ),
      sourceRow(
        'odds-board',
        {
          state: 'degraded',
          since: at('08:40:30'),
          reasons: ['5 of the last 20 runs were bad', 'transient: HTTP 503 from the second page on'],
          recent: 0b10010010010100,
          judged: 20,
          lastGoodAt: at('09:18:02'),
        },
        940,
      ),
      sourceRow(
        'video-search',
        {
          state: 'unknown',
          since: at('06:00:00'),
          reasons: ['1 of 3 verdicts needed'],
          recent: 0,
          judged: 1,
          lastGoodAt: null,
        },
        0,
      ),
    ],
    healths: [
      healthRow({
        subject: { kind: 'source', name: 'fixtures' },
        state: 'failing',
        since: at('09:12:04'),
        reasons: ['5 bad in a row', 'refused: block page: "Attention Required!"'],
      }),
      healthRow({
        subject: { kind: 'task', name: 'fixtures' },
        state: 'failing',
        since: at('09:12:04'),
        reasons: ['5 bad in a row'],
      }),
      healthRow({
        subject: { kind: 'source', name: 'odds-board' },
        state: 'degraded',
        since: at('08:40:30'),
        reasons: ['5 of the last 20 runs were bad'],
      }),
      healthRow({ subject: { kind: 'source', name: 'news-feed' } }),
    ],
    changes: [
      {
        subject: { kind: 'source', name: 'fixtures' },
        from: 'healthy',
        to: 'failing',
        at: at('09:12:04'),
        run: (failed?.id ?? 1) as RunId,
        reasons: ['3 bad in a row', 'refused: block page: "Attention Required!"'],
      },
      {
        subject: { kind: 'source', name: 'fixtures' },
        from: 'degraded',
        to: 'healthy',
        at: at('04:05:00'),
        run: 900 as RunId,
        reasons: ['1 of the last 20 runs were bad'],
      },
      {
        subject: { kind: 'source', name: 'fixtures' },
        from: 'unknown',
        to: 'degraded',
        at: instant(at('00:00:00') - 4 * 60 * MINUTE),
        run: 812 as RunId,
        reasons: ['5 of the last 12 runs were bad', 'transient: HTTP 502'],
      },
    ],
    items: [
      'Dortmund – Leverkusen',
      'Arsenal – Everton',
      'Freiburg – Mainz 05',
      'A fixture whose title goes on for very much longer than anybody would have expected of a fixture, for no reason at all',
    ].map((title, i) => ({
      source: 'fixtures',
      key: `match-${88_120 + i}`,
      hash: String(i),
      data: {
        title,
        kickoff: '2026-11-28T14:30:00Z',
        url: `https://fixtures.example.org/match/${88_120 + i}`,
        odds: { home: 2.1, draw: 3.4, away: 3.25 },
      },
      version: i + 1,
      firstSeenAt: at('04:00:00'),
      lastSeenAt: at('08:57:02'),
      changedAt: instant(at('08:57:02') - i * 17 * MINUTE),
    })),
    ...change,
  })
}

/** Four schedules, all well. */
export const calmScene = (): PlainApp => {
  const busy = busyScene().data
  const names = ['news-feed', 'report-daily', 'odds-board', 'fixtures']
  return plainApp({
    tasks: busy.tasks,
    schedules: busy.schedules.filter(({ name }) => names.includes(name)),
    runs: busy.runs
      .filter(({ schedule, state }) => names.includes(schedule ?? '') && state !== 'failed' && state !== 'retrying')
      .map(run =>
        run.state === 'partial' ? { ...run, state: 'succeeded' as const, detail: null, unitsFailed: 0 } : run,
      ),
    sources: ['fixtures', 'news-feed', 'odds-board'].map((name, i) =>
      sourceRow(name, { judged: 20, since: at('02:00:00') }, 4_000 * i + 17),
    ),
    healths: [],
  })
}

/** Nothing at all: what a person sees first. */
export const emptyScene = (): PlainApp => plainApp()
