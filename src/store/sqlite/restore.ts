/**
 * A backup in the place of a store. The copy is made and settled beside it first; then it takes the name in one step, and
 * what had it stays beside as `<file>.replaced-<time>`. Whatever stops it in between leaves the one or the other, whole.
 */

import { existsSync, linkSync, renameSync, rmSync, statSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { RotaError, isRotaError } from '../../base/errors.ts'
import { formatInstant } from '../../base/instant.ts'
import type { Instant } from '../../base/instant.ts'
import type { Judge } from '../../domain/opportunity.ts'
import { granted } from '../store.ts'
import type { TakenOver } from '../store.ts'
import { stampOf } from './backup.ts'
import { noteFile } from './commit-count.ts'
import { checkIntegrity, copyBeside, putInPlace } from './copy.ts'
import { SQLITE_BUSY, openingError, resultCode } from './errors.ts'
import { checkSchema, migrate, migrations } from './migrations.ts'
import { openSqliteStore } from './store.ts'
import { WorkerLocks } from './worker-lock.ts'

export interface RestoreOptions {
  readonly at: Instant
  /** Also over a store that holds what the backup does not. */
  readonly force: boolean
  /** Make up for what passed since the backup, and let unfinished runs go on at once. */
  readonly catchUp: boolean
  /** Judges schedules whose runs are ended. */
  readonly judge: Judge
}

export interface Restored extends TakenOver {
  readonly place: string
  /** When the backup was made, as far as it knows. */
  readonly backedUpAt: Instant | null
  /** The file that holds what was there before; null where nothing was. */
  readonly replaced: string | null
}

/**
 * Puts a backup in the place of a store that nobody uses.
 *
 * @throws RotaError BACKUP_UNUSABLE, STORE_IN_USE, STORE_AHEAD, STORE_…; nothing is changed then
 */
export const restoreBackup = async (from: string, place: string, options: RestoreOptions): Promise<Restored> => {
  if (!statSync(from, { throwIfNoEntry: false })?.isFile()) throw unusable(from, 'is no file')
  if (resolve(from) === place) throw unusable(from, 'is the store itself')
  refuseLiving(place)
  const part = await copyOf(from, place)
  try {
    const { extent, settled } = await settle(part, from, options)
    return { place, ...settled, replaced: exchange(part, place, extent, options) }
  } catch (error) {
    throw openingError(error, place)
  } finally {
    // Still there only where it took no place.
    for (const rest of ['', '-wal', '-shm', '-commits']) rmSync(part + rest, { force: true })
  }
}

const unusable = (file: string, why: string, cause?: unknown): RotaError =>
  new RotaError('BACKUP_UNUSABLE', `${file} cannot be restored: it ${why}.`, {
    details: { file },
    ...(cause === undefined ? {} : { cause }),
  })

const refuseLiving = (place: string): void => {
  const living = new WorkerLocks(place).living()
  if (living.length === 0) return
  throw new RotaError(
    'STORE_IN_USE',
    `A Rota works on ${place} (${living.join(', ')}). Stop it first: what it writes would be lost.`,
    { details: { place, workers: living } },
  )
}

const copyOf = async (from: string, place: string): Promise<string> => {
  let source: DatabaseSync | undefined
  try {
    source = new DatabaseSync(from, { readOnly: true })
    checkBackup(source, from)
    return await copyBeside(source, place)
  } catch (error) {
    if (isRotaError(error)) throw error
    const read = openingError(error, from)
    throw read.code === 'STORE_CORRUPT'
      ? unusable(from, `is damaged or no store (${(error as Error).message})`, error)
      : read
  } finally {
    source?.close()
  }
}

const checkBackup = (source: DatabaseSync, from: string): void => {
  try {
    if (checkSchema(source, from, migrations.length) === 0) throw unusable(from, 'is empty')
    checkIntegrity(source, from)
  } catch (error) {
    if (isRotaError(error, 'STORE_UNUSABLE')) throw unusable(from, 'is the database of another program', error)
    if (isRotaError(error, 'STORE_CORRUPT')) throw unusable(from, `is damaged (${error.message})`, error)
    throw error
  }
}

/** How far a store is. */
interface Extent {
  /** The highest number of a run that it ever gave. */
  readonly lastRun: number
  /** Up to when something is decided. */
  readonly lastMark: Instant | null
}

/** Makes the copy what it is to be when it takes over. */
const settle = async (part: string, from: string, { at, catchUp, judge }: RestoreOptions) => {
  const { backedUpAt, extent } = prepare(part)
  const store = await openSqliteStore({ path: part, durability: 'full' })
  try {
    const made = backedUpAt === null ? '' : ` of ${formatInstant(backedUpAt)}`
    const change = { kind: 'takeOver', at, from: `${basename(from)}${made}`, catchUp } as const
    const { results } = await store.commit([change], judge)
    return { extent, settled: { backedUpAt, ...granted(results[0]) } }
  } finally {
    await store.close()
    alone(part)
  }
}

const prepare = (part: string): { readonly backedUpAt: Instant | null; readonly extent: Extent } => {
  using copy = new DatabaseSync(part)
  // The backup itself stays as it is: that is copy enough.
  migrate(copy, part, () => {})
  return { backedUpAt: stampOf(copy), extent: extentOf(copy) }
}

const extentOf = (database: DatabaseSync): Extent => {
  const row = database
    .prepare(
      `SELECT max(coalesce((SELECT max(id) FROM runs), 0), coalesce((SELECT value FROM counters WHERE name = 'run'), 0))
         AS lastRun, (SELECT max(highest_mark) FROM marks) AS lastMark`,
    )
    .get()
  return row as unknown as Extent
}

/** Everything in the one file, and no other beside it. */
const alone = (path: string): void => {
  using database = new DatabaseSync(path)
  database.exec('PRAGMA journal_mode = DELETE')
}

/** Puts the copy in place, and gives what the file before it is called now. */
const exchange = (part: string, place: string, backup: Extent, options: RestoreOptions): string | null => {
  const replaced = freeName(`${place}.replaced-${formatInstant(options.at).replaceAll(':', '')}`)
  if (!existsSync(place)) {
    moveRest(place, replaced)
    putInPlace(part, place)
    return null
  }
  const before = lock(place)
  try {
    if (before !== null) refuseAhead(before, place, backup, options.force)
    moveRest(place, replaced)
    keep(place, replaced)
    putInPlace(part, place)
    return replaced
  } finally {
    before?.close()
  }
}

const freeName = (wanted: string): string => {
  for (let n = 1; ; n++) {
    const name = n === 1 ? wanted : `${wanted}-${n}`
    if (!existsSync(name) && !existsSync(`${name}-wal`)) return name
  }
}

/** The store's only connection, with everything in the one file; null for one that is damaged. */
const lock = (place: string): DatabaseSync | null => {
  const database = new DatabaseSync(place)
  try {
    // Refused while any other connection is open, also one that only reads.
    database.exec('PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE')
    return database
  } catch (error) {
    database.close()
    if (resultCode(error) === SQLITE_BUSY) {
      throw new RotaError('STORE_IN_USE', `${place} is open in another program. Close it first.`, {
        details: { place },
      })
    }
    if (openingError(error, place).code === 'STORE_CORRUPT') return null
    throw error
  }
}

const refuseAhead = (before: DatabaseSync, place: string, backup: Extent, force: boolean): void => {
  let extent: Extent
  try {
    if (checkSchema(before, place, Infinity) === 0) return
    extent = extentOf(before)
  } catch (error) {
    if (isRotaError(error)) throw error
    // What cannot be read is no reason to go on without; the file is kept all the same.
    return
  }
  const runs = extent.lastRun - backup.lastRun
  const isAhead = runs > 0 || (extent.lastMark ?? 0) > (backup.lastMark ?? 0)
  if (force || !isAhead) return
  const decided = extent.lastMark === null ? '' : `, and decided up to ${formatInstant(extent.lastMark)}`
  throw new RotaError(
    'STORE_AHEAD',
    `${place} holds what the backup does not: ${Math.max(runs, 0)} runs after run ${backup.lastRun}${decided}. ` +
      'With --force the backup takes its place all the same; the file is kept beside it.',
    { details: { place, runs } },
  )
}

// A -wal that outlived its file would be taken for one of the file that comes. That of a damaged one belongs to it.
const moveRest = (place: string, replaced: string): void => {
  if (existsSync(`${place}-wal`)) renameSync(`${place}-wal`, `${replaced}-wal`)
  for (const rest of [`${place}-shm`, noteFile(place)]) rmSync(rest, { force: true })
}

// Under both names, so that there is never none of the first.
const keep = (place: string, replaced: string): void => {
  try {
    linkSync(place, replaced)
  } catch (error) {
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes((error as { code?: string }).code ?? '')) throw error
    renameSync(place, replaced)
  }
}
