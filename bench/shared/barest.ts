/** The barest loop over node:sqlite that could keep lives of runs: what Rota's figures stand beside. It promises nothing. */

import { DatabaseSync } from 'node:sqlite'

export type Durability = 'normal' | 'full'

export interface Lives {
  /** So many begin together, and end together. */
  readonly inFlight: number
  /** A multiple of those in flight. */
  readonly total: number
  readonly durability: Durability
}

const SLICE = 250
const START = Date.parse('2026-11-22T09:00:00Z')

/** Lives a second, each inserted as running and then ended, in a new file. */
export const barestLives = (path: string, { inFlight, total, durability }: Lives): number => {
  const database = new DatabaseSync(path)
  database.exec(`
    PRAGMA journal_mode = WAL; PRAGMA synchronous = ${durability}; PRAGMA wal_autocheckpoint = 10000;
    CREATE TABLE runs (id INTEGER PRIMARY KEY, schedule INTEGER, state INTEGER, nominal_at INTEGER, worker INTEGER,
      started_at INTEGER, ended_at INTEGER, fence INTEGER, result TEXT);
    CREATE UNIQUE INDEX opportunity ON runs (nominal_at, schedule);
    CREATE INDEX live ON runs (schedule) WHERE state < 5;
    CREATE INDEX ended ON runs (ended_at, state) WHERE state >= 5;
  `)
  const insert = database.prepare(
    `INSERT INTO runs (schedule, state, nominal_at, worker, started_at, fence) VALUES (?, 3, ?, 1, ?, 1) ON CONFLICT DO NOTHING`,
  )
  const finish = database.prepare('UPDATE runs SET state = 5, ended_at = ?, result = ? WHERE id = ? AND fence = 1')
  const began = performance.now()
  const inSlices = (work: (i: number) => void): void => {
    for (let i = 0; i < inFlight; i += SLICE) {
      database.exec('BEGIN IMMEDIATE')
      for (let j = i; j < Math.min(i + SLICE, inFlight); j++) work(j)
      database.exec('COMMIT')
    }
  }
  const ids: number[] = []
  for (let round = 0; round < total / inFlight; round++) {
    const at = START + round * 1_000
    inSlices(i => (ids[i] = insert.run(i, at, at).lastInsertRowid as number))
    inSlices(i => finish.run(at + 500, '{"ok":true}', ids[i] ?? null))
  }
  const speed = total / ((performance.now() - began) / 1_000)
  database.close()
  return speed
}
