/** `rota doctor`: looks at this machine, the store and what is in it, and says what is wrong. It mends nothing. */

import { statfs } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { asError } from '../base/errors.ts'
import { neutral } from '../base/foreign.ts'
import { about } from '../base/duration.ts'
import { formatInstant } from '../base/instant.ts'
import type { Instant } from '../base/instant.ts'
import type { Schedule } from '../domain/schedule.ts'
import { openSqliteStore } from '../store/sqlite/store.ts'
import type { Store, StoredNotice } from '../store/store.ts'
import { timetable } from '../when/timetable.ts'
import { exits } from './failure.ts'
import { openApp } from './opening.ts'
import type { OpenOptions } from './opening.ts'
import { printJson } from './printing.ts'
import { sizeOf } from './size.ts'
import type { Terminal } from './terminal.ts'

/** One thing looked at. A `note` is worth knowing and nothing to mend. */
export interface Finding {
  readonly check: string
  readonly state: 'ok' | 'note' | 'wrong'
  readonly says: string
}

export const doctor = async (
  options: OpenOptions & { readonly json?: boolean },
  terminal: Terminal,
): Promise<number> => {
  const findings = [...machine(), ...(await ofStore(options, terminal))]
  const healthy = findings.every(finding => finding.state !== 'wrong')
  if (options.json) await printJson({ healthy, checks: findings }, terminal)
  else await terminal.print(findings.map(finding => lineOf(finding, terminal)).join(''))
  return healthy ? exits.ok : exits.unusable
}

const lineOf = ({ check, state, says }: Finding, { colors }: Terminal): string => {
  const mark = { ok: colors.green('✓'), note: colors.yellow('–'), wrong: colors.red('✗') }[state]
  return `${mark} ${check.padEnd(11)} ${neutral(says, 1_000)}\n`
}

const ok = (check: string, says: string): Finding => ({ check, state: 'ok', says })
const note = (check: string, says: string): Finding => ({ check, state: 'note', says })
const wrong = (check: string, says: string): Finding => ({ check, state: 'wrong', says })

// ---- this machine

const OLDEST_NODE = [22, 18] as const

const machine = (): readonly Finding[] => [
  nodeFinding(process.versions.node),
  ok('SQLite', process.versions['sqlite'] ?? 'unknown'),
  ok('time zones', process.versions['tz'] ?? 'unknown'),
]

/** Whether this version of Node can run Rota. */
export const nodeFinding = (node: string): Finding => {
  const [major = 0, minor = 0] = node.split('.').map(Number)
  const isOld = major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1])
  return isOld ? wrong('Node', `${node} is too old; Rota needs ${OLDEST_NODE.join('.')} or newer`) : ok('Node', node)
}

// ---- the store

const ofStore = async (options: OpenOptions, terminal: Terminal): Promise<readonly Finding[]> => {
  try {
    const place = await placeOf(options, terminal)
    if (place === ':memory:') return [note('store', 'is in memory: there is nothing to look at from here')]
    const store = await openSqliteStore({ path: place, durability: 'normal' })
    try {
      const { schema, bytes, engine, backedUpAt, held } = await store.describe()
      const now = terminal.clock.now()
      const opens = ok('store', `${place}, ${sizeOf(bytes)}, schema ${schema}, ${engine}`)
      return [
        opens,
        integrity(place),
        writable(place),
        await disk(place),
        backupFinding(backedUpAt, now),
        heldFinding(held),
        noticesFinding(await store.notices({ limit: MOST_NOTICES }), now),
        ...(await contentsOf(store, now)),
      ]
    } finally {
      await store.close()
    }
  } catch (error) {
    return [wrong('store', asError(error).message)]
  }
}

/** Where the store is: as the options say it, or as the config's app does. */
const placeOf = async (options: OpenOptions, terminal: Terminal): Promise<string> => {
  await using app = await openApp(options, terminal)
  const { store } = await app.status()
  return store.place === ':memory:' ? store.place : resolve(terminal.folder, store.place)
}

const MOST_FAULTS = 3

const integrity = (place: string): Finding => {
  try {
    using database = new DatabaseSync(place, { readOnly: true })
    const rows = database.prepare(`PRAGMA quick_check(${MOST_FAULTS})`).all() as { quick_check: string }[]
    const faults = rows.map(row => row.quick_check).filter(text => text !== 'ok')
    if (faults.length === 0) return ok('integrity', 'no damage found')
    return wrong('integrity', `the file is damaged: ${faults.join('; ')}. Stop Rota and restore a backup`)
  } catch (error) {
    return wrong('integrity', `the file cannot be checked: ${asError(error).message}`)
  }
}

/** When the store was last backed up. */
export const backupFinding = (backedUpAt: Instant | null, now: Instant): Finding => {
  if (backedUpAt === null) return note('backup', 'none that this store knows of: rota backup <file>')
  const says = `the last one ${about(now - backedUpAt)} ago`
  return now - backedUpAt > OLD_BACKUP_MS ? note('backup', `${says}: rota backup <file>`) : ok('backup', says)
}

const OLD_BACKUP_MS = 7 * 86_400_000

/** Runs that wait for a person: a schedule with one of them may be silent. */
export const heldFinding = (held: number): Finding =>
  held === 0
    ? ok('held', 'no run')
    : wrong('held', `${held} runs wait since a restore: let them go with rota runs release, or cancel them`)

const MOST_NOTICES = 200
const DAY_MS = 86_400_000
// A try takes seconds; what waits for longer is being tried again.
const SLOW_NOTICE_MS = 300_000

/** Whether what Rota has to tell arrives; of the newest notices. */
export const noticesFinding = (newest: readonly StoredNotice[], now: Instant): Finding => {
  const givenUp = newest.filter(({ state, endedAt }) => state === 'given up' && now - (endedAt ?? now) < DAY_MS)
  const late = newest.filter(({ state, at }) => state === 'waiting' && now - at > SLOW_NOTICE_MS)
  const [first] = [...givenUp, ...late]
  if (first === undefined) return ok('notices', 'none is undelivered')
  const count = givenUp.length + late.length
  const says = `${count} undelivered, such as to ${first.destination}: ${first.problem ?? 'no Rota runs that knows it'}`
  return wrong('notices', says)
}

const LOCK_WAIT_MS = 5_000

const writable = (place: string): Finding => {
  try {
    using database = new DatabaseSync(place, { timeout: LOCK_WAIT_MS })
    database.exec('BEGIN IMMEDIATE; ROLLBACK')
    return ok('writable', 'yes')
  } catch (error) {
    return wrong('writable', `${asError(error).message}; nothing new is started until it can be written`)
  }
}

// Below the first, work stops soon; below the second it is time to make room.
const FULL_BYTES = 64 * 2 ** 20
const SCARCE_BYTES = 2 ** 30

const disk = async (place: string): Promise<Finding> => {
  const { bavail, bsize } = await statfs(dirname(place))
  const free = bavail * bsize
  const says = `${sizeOf(free)} free`
  if (free < FULL_BYTES) return wrong('disk', `${says}: make room, or nothing can be recorded`)
  return free < SCARCE_BYTES ? note('disk', says) : ok('disk', says)
}

// ---- what is in it

/** What the rows of a store say, as of now. */
export const contentsOf = async (
  store: Pick<Store, 'workers' | 'deadWorkers' | 'schedules'>,
  now: Instant,
): Promise<readonly Finding[]> => {
  const [workers, dead] = await Promise.all([store.workers(), store.deadWorkers()])
  const living = workers.filter(worker => !dead.some(one => one.worker === worker.worker))
  const schedules = await allSchedules(store)
  return [
    workersFinding(living, dead),
    unloadable(schedules),
    ahead(schedules, now),
    overdue(schedules, now, living.length > 0),
  ]
}

const workersFinding = (living: readonly { worker: string }[], dead: readonly { worker: string }[]): Finding => {
  if (dead.length > 0) {
    const names = dead.map(one => one.worker).join(', ')
    return wrong(
      'workers',
      `${dead.length} died without a goodbye (${names}); what they ran is taken up when Rota runs`,
    )
  }
  if (living.length === 0) return note('workers', 'none: no Rota runs on this store now')
  return ok('workers', `${living.length}: ${living.map(one => one.worker).join(', ')}`)
}

const PAGE = 500

const allSchedules = async (store: Pick<Store, 'schedules'>): Promise<readonly Schedule[]> => {
  const all: Schedule[] = []
  for (;;) {
    const last = all.at(-1)?.name
    const page = await store.schedules({ limit: PAGE, ...(last === undefined ? {} : { after: last }) })
    all.push(...page)
    if (page.length < PAGE) return all
  }
}

const unloadable = (schedules: readonly Schedule[]): Finding => {
  const bad = schedules.filter(schedule => problemOf(schedule) !== null)
  if (bad.length === 0) return ok('schedules', `${schedules.length}, all can be read`)
  return wrong(
    'schedules',
    `${bad.length} of ${schedules.length} cannot be read: ${some(bad, one => `${one.name} (${problemOf(one)})`)}`,
  )
}

// One that was never judged since it was damaged is not marked yet.
const problemOf = ({ status, problem, condition, timezone }: Schedule): string | null => {
  if (status === 'unloadable') return problem ?? 'unknown why'
  try {
    timetable(condition, timezone)
    return null
  } catch (error) {
    return asError(error).message
  }
}

// The judge's own limit: a mark further ahead means that the clock was set back.
const FURTHEST_MARK_AHEAD_MS = 3_600_000

const ahead = (schedules: readonly Schedule[], now: Instant): Finding => {
  const bad = schedules.filter(schedule => schedule.mark > now + FURTHEST_MARK_AHEAD_MS)
  if (bad.length === 0) return ok('clock', `${formatInstant(now)}, no mark lies beyond it`)
  return wrong(
    'clock',
    `it was set back, or ran ahead: ${bad.length} schedules are decided beyond ${formatInstant(now)}: ${some(bad, one => one.name)}`,
  )
}

// What is due is decided within moments; a minute says that nobody decides.
const OVERDUE_MS = 60_000

const overdue = (schedules: readonly Schedule[], now: Instant, isWorked: boolean): Finding => {
  const bad = schedules.filter(
    ({ nextAt, paused, status }) =>
      nextAt !== null && paused === null && status === 'active' && nextAt < now - OVERDUE_MS,
  )
  if (bad.length === 0) return ok('overdue', 'none')
  const says = `${bad.length}: ${some(bad, one => `${one.name} (due ${about(now - (one.nextAt ?? now))} ago)`)}`
  // Without a Rota nothing is expected to happen; with one, something keeps it from its work.
  return isWorked ? wrong('overdue', says) : note('overdue', `${says}; they are caught up with when Rota runs`)
}

const MOST_NAMED = 3

const some = (schedules: readonly Schedule[], name: (schedule: Schedule) => string): string => {
  const named = schedules.slice(0, MOST_NAMED).map(name).join(', ')
  return schedules.length > MOST_NAMED ? `${named} and ${schedules.length - MOST_NAMED} more` : named
}
