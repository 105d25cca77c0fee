/** Stores that were broken on purpose: each forgets one thing that a promise rests on. */

import { mkdtempSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import { noLimits } from '../../src/domain/limits.ts'
import { duration } from '../../src/base/duration.ts'
import type { Decision, Judge, Subject } from '../../src/domain/opportunity.ts'
import { step } from '../../src/domain/run-machine.ts'
import { openSqliteStore } from '../../src/store/sqlite/store.ts'
import type { Change, Changes, Committed, Finished, Store } from '../../src/store/store.ts'
import type { Random } from '../../src/testing/random.ts'
import type { SimulationOptions } from '../../src/testing/simulator.ts'

export interface Mutation {
  /** What is forgotten. */
  readonly without: string
  /** What is seen of it. */
  readonly seen: RegExp
  /** Schedules that show it soon. */
  readonly schedules?: readonly string[]
  /** `folder`: where it may keep files. */
  readonly options: (folder: string) => Promise<Omit<SimulationOptions, 'seed'>>
}

type Commit = (changes: readonly Change[], judge: Judge) => Promise<Committed<readonly Change[]>>

const replaced = (store: Store, own: Partial<Store>): Store =>
  new Proxy(store, { get: (target, key: keyof Store) => own[key] ?? (target[key].bind(target) as unknown) })

const withStore =
  (own: (store: Store) => Partial<Store>): Mutation['options'] =>
  async () => ({ mutate: store => replaced(store, own(store)) })

const withCommit =
  (commit: (store: Store, random: Random) => Commit): Mutation['options'] =>
  async () => ({
    mutate: (store, random) => replaced(store, { commit: commit(store, random) as Store['commit'] }),
  })

/** Each change becomes another. */
const withChanges = (other: (change: Change) => Change): Mutation['options'] =>
  withCommit(store => (changes, judge) => store.commit(changes.map(other), judge))

/** Each decision becomes another. */
const withDecisions = (
  other: (decision: Decision, subject: Subject, random: Random) => Decision,
): Mutation['options'] =>
  withCommit(
    (store, random) => (changes, judge) =>
      store.commit(changes, (subject, at) => other(judge(subject, at), subject, random)),
  )

/** Changes of one kind are not made, and answered as if they were. */
const withPretence = <K extends 'pause' | 'rescue' | 'cancel' | 'finish'>(
  kind: K,
  answer: (change: Changes[K]['change'], store: Store, random: Random) => Promise<Changes[K]['result'] | null>,
): Mutation['options'] =>
  withCommit((store, random) => async (changes, judge) => {
    const pretended = await Promise.all(
      changes.map(async change => (change.kind === kind ? answer(change as never, store, random) : null)),
    )
    const committed = await store.commit(
      changes.map((change, i) => (pretended[i] === null ? change : nothing)),
      judge,
    )
    const results = committed.results.map((result, i) => {
      const ok = pretended[i] ?? null
      return ok === null ? result : { ok }
    })
    return { ...committed, results } as Committed<readonly Change[]>
  })

const nothing: Change = { kind: 'announce', predicates: [], at: 0 as never }

/** A file that was changed from outside. */
const withFile =
  (sql: string): Mutation['options'] =>
  async folder => {
    const path = join(mkdtempSync(join(folder, 'store-')), 'rota.db')
    const store = await openSqliteStore({ path })
    const database = new DatabaseSync(path)
    database.exec(sql)
    database.close()
    return { store }
  }

const noFates = { runs: [], opens: [], skips: [], released: [], held: [], dropped: [], cancels: [] }

const believed = async (change: Change, store: Store): Promise<Change> => {
  if (change.kind !== 'finish') return change
  const run = await store.run(change.run)
  return run === null ? change : { ...change, fence: run.fence }
}

export const mutations: readonly Mutation[] = [
  {
    without: 'the fence',
    seen: /promise 5: /,
    schedules: ['slow', 'hosts', 'other-hosts', 'beside'],
    options: withCommit(store => async (changes, judge) => {
      const all = await Promise.all(changes.map(async change => believed(change, store)))
      return store.commit(all, judge)
    }),
  },
  {
    without: 'the unique key of opportunities',
    seen: /promise 1: .* twice/,
    options: withFile('DROP INDEX runs_opportunity'),
  },
  {
    without: 'one transaction for the mark and the runs',
    seen: /promise 2: .* has no row/,
    options: withCommit((store, random) => async (changes, judge) => {
      if (!changes.some(change => change.kind === 'judge')) return store.commit(changes, judge)
      const whole = new Map<number, Decision>()
      const markOnly: Judge = (subject, at) => {
        const decision = judge(subject, at)
        whole.set(subject.schedule.id, decision)
        return { ...decision, ...noFates }
      }
      const anew = changes.map(change => (change.kind === 'judge' ? { ...change, ahead: null } : change))
      await store.commit(
        anew.filter(change => change.kind === 'judge'),
        markOnly,
      )
      if (random.chance(0.02)) throw new Error('died between the two')
      return store.commit(anew, (subject, at) => {
        const decision = whole.get(subject.schedule.id)
        whole.delete(subject.schedule.id)
        return decision ?? judge(subject, at)
      })
    }),
  },
  {
    without: 'moving the mark',
    seen: /promise (1|2|10): /,
    options: withDecisions((decision, { schedule }) => ({ ...decision, mark: schedule.mark })),
  },
  {
    without: 'the next instant',
    seen: /promise 10: .* nothing was decided of it/,
    options: withDecisions((decision, _, random) => (random.chance(0.02) ? { ...decision, nextAt: null } : decision)),
  },
  {
    without: 'using up events',
    seen: /promise 1: .* events, and decided/,
    schedules: ['after', 'side-by-side', 'queueing'],
    options: withDecisions(decision => ({ ...decision, usesEventsTo: null })),
  },
  {
    without: 'what follows an end in the transaction of the end',
    seen: /promise [12]: .* events, and decided/,
    schedules: ['after', 'side-by-side', 'queueing'],
    options: withCommit((store, random) => (changes, judge) => {
      const isLost = changes.some(change => change.kind === 'finish') && random.chance(0.2)
      return store.commit(changes, (subject, at) => {
        const decision = judge(subject, at)
        return isLost && subject.schedule.condition.includes("after '") ? { ...decision, ...noFates } : decision
      })
    }),
  },
  {
    without: 'counting what runs',
    seen: /promise 6: /,
    options: withChanges(change => (change.kind === 'claim' ? { ...change, limits: noLimits } : change)),
  },
  {
    without: 'the pause',
    seen: /promise 7: .* was started while it was paused/,
    options: withPretence('pause', async change => change.pause),
  },
  {
    without: 'the request to cancel',
    seen: /promise 7: .* was to be cancelled/,
    options: withPretence('cancel', async ({ run: id, at, by }, store): Promise<Finished | null> => {
      const run = await store.run(id)
      if (run?.state !== 'running') return null
      return { run: { ...run, cancelRequestedAt: at, cancelledBy: by }, refused: null, healthChanges: [] }
    }),
  },
  {
    without: 'the rescue of what the dead held',
    seen: /promise 8: /,
    options: withPretence('rescue', async () => []),
  },
  {
    without: 'a look for what was claimed and not answered',
    seen: /promise 10: /,
    options: withStore(() => ({ executedBy: async () => [] })),
  },
  {
    without: 'a limit on what is caught up',
    seen: /promise 9: .* runs at once/,
    options: withCommit(
      store => (changes, judge) =>
        store.commit(changes, (subject, at) => {
          const { schedule } = subject
          const catchUp = { kind: 'all', limit: 100, window: duration(86_400_000) } as const
          return judge({ ...subject, schedule: { ...schedule, policies: { ...schedule.policies, catchUp } } }, at)
        }),
    ),
  },
  {
    without: 'an attempt used up by a retry',
    seen: /promise 5: .* may have \d+ attempts/,
    options: withChanges(change =>
      change.kind === 'finish' && change.outcome.kind === 'failed'
        ? { ...change, outcome: { ...change.outcome, free: true } }
        : change,
    ),
  },
  {
    without: 'the row of an attempt',
    seen: /promise 5: .* has the attempts/,
    options: withFile(
      'CREATE TRIGGER forget BEFORE INSERT ON attempts WHEN new.attempt = 2 BEGIN SELECT raise(IGNORE); END',
    ),
  },
  {
    without: 'a commit before the answer',
    seen: /began twice|is stored running|went from succeeded to failed/,
    options: withPretence('finish', async (change, store, random): Promise<Finished | null> => {
      const run = random.chance(0.01) ? await store.run(change.run) : null
      if (run === null) return null
      const { fence, at, outcome } = change
      return { run: step(run, { kind: 'finish', fence, at, outcome }).run, refused: null, healthChanges: [] }
    }),
  },
]
