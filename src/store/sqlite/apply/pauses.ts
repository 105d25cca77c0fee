/** The changes `pause` and `resume`: of a queue, or of everything. */

import { formatInstant } from '../../../base/instant.ts'
import { isPauseOver, longerPause } from '../../../domain/schedule.ts'
import type { Pause } from '../../../domain/schedule.ts'
import type { Changes } from '../../store.ts'
import type { Tables } from '../tables.ts'

export const applyPause = (tables: Tables, { queue, pause }: Changes['pause']['change']): Pause => {
  const earlier = tables.pauses.list().find(one => one.queue === queue && !isPauseOver(one.pause, pause.at))?.pause
  if (earlier !== undefined && longerPause(earlier, pause) === earlier) return earlier
  tables.pauses.put(queue, pause)
  const until = pause.until === null ? '' : ` until ${formatInstant(pause.until)}`
  const why = pause.why === null ? '' : `: ${pause.why}`
  tables.events.record(pause.at, 'paused', `${told(queue)} by ${pause.by}${until}${why}`)
  return pause
}

export const applyResume = (tables: Tables, { queue, at, by }: Changes['resume']['change']): boolean => {
  const was = tables.pauses.list().some(one => one.queue === queue && !isPauseOver(one.pause, at))
  tables.pauses.delete(queue)
  if (was) tables.events.record(at, 'resumed', `${told(queue)} by ${by}`)
  return was
}

const told = (queue: string | null): string => (queue === null ? 'everything' : `queue '${queue}'`)
