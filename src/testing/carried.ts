/** The schedules of another app, made into what can be put into the store of a simulation. */

import { instant } from '../base/instant.ts'
import type { Instant } from '../base/instant.ts'
import type { Pause, Schedule } from '../domain/schedule.ts'
import type { App } from '../app.ts'
import { definitionOf, storedWaits } from '../scheduler/definition.ts'
import type { ScheduleDefinition } from '../store/store.ts'

export interface Carried {
  readonly definition: ScheduleDefinition
  readonly pause: Pause | null
}

export interface CarriedSchedules {
  readonly carried: readonly Carried[]
  /** They are over: nothing of them can come. */
  readonly ended: readonly Schedule[]
}

/**
 * What an app would work by if it started at `from` on a store with these schedules: they, and what its code declares
 * anew or otherwise.
 *
 * @throws RotaError TASK_UNKNOWN, CONDITION_…
 */
export const carry = (app: App, stored: readonly Schedule[], from: Instant): CarriedSchedules => {
  const declared = declaredOf(app, stored, from)
  const names = new Set(declared.map(({ name }) => name))
  const kept = stored.filter(({ name }) => !names.has(name))
  const isOver = (schedule: Schedule): boolean => schedule.status === 'ended' || runsLeft(schedule) === 0
  return {
    carried: [
      ...declared.map(definition => ({ definition: firstLookAt(from, definition), pause: null })),
      ...kept
        .filter(one => !isOver(one))
        .map(one => ({ definition: firstLookAt(from, again(one)), pause: one.paused })),
    ],
    ended: kept.filter(isOver),
  }
}

/** Those that a start would put into the store. */
const declaredOf = (app: App, stored: readonly Schedule[], from: Instant): readonly ScheduleDefinition[] =>
  [...app.declared().schedules].flatMap(([name, written]) => {
    if (app.flows.get(written.task) === undefined) app.tasks.get(written.task)
    const existing = stored.find(one => one.name === name) ?? null
    const definition = definitionOf(name, written, 'code', from, existing)
    return existing?.declaredHash === definition.declaredHash ? [] : [definition]
  })

// What is due at `from` itself belongs to the simulation. Who looks too early decides nothing.
// Nothing is declared in the second app: there they are schedules as if made at run time.
const firstLookAt = (from: Instant, definition: ScheduleDefinition): ScheduleDefinition => ({
  ...definition,
  origin: 'run time',
  declaredHash: null,
  nextAt: from,
})

const again = (schedule: Schedule): ScheduleDefinition => ({
  ...schedule,
  waits: storedWaits(schedule),
  policies: { ...schedule.policies, maxRuns: runsLeft(schedule) },
})

/** Null: no bound. */
const runsLeft = ({ policies, runsCreated }: Schedule): number | null =>
  policies.maxRuns === null ? null : Math.max(policies.maxRuns - runsCreated, 0)

/** When the schedules come to be, so that all from `from` on is still undecided. */
export const bornBefore = (from: Instant): Instant => instant(from - 1)
