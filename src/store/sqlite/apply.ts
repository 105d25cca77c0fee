/** What each kind of change does, inside the transaction of its caller. */

import { instant } from '../../base/instant.ts'
import type { Judge } from '../../domain/opportunity.ts'
import type { Change } from '../store.ts'
import { applyClaim } from './apply/claim.ts'
import { applyCancel, applyFinish, applyGiveBack, applyRescue } from './apply/ending.ts'
import { applyImport } from './apply/import.ts'
import { applyJudge } from './apply/judge.ts'
import { applyPause, applyResume } from './apply/pauses.ts'
import type { Pruner } from './apply/prune.ts'
import { applyFinishUnit, applyKeepItems, applyKeepState, applyLog, applyProgress } from './apply/records.ts'
import { applyClaimNotices, applyPutNoticeRules, applySettleNotice, applyWatch } from './apply/notices.ts'
import { applyRequest } from './apply/request.ts'
import { applyRelease, applyTakeOver } from './apply/take-over.ts'
import {
  applyHoldSchedule,
  applyPauseSchedule,
  applyPutSchedule,
  applyRemoveSchedule,
  applyResumeSchedule,
  applyUndeclare,
} from './apply/schedules.ts'
import { applyDrainWorker } from './apply/workers.ts'
import type { Tables } from './tables.ts'

/** Applies one change and gives its result. Throws where the change alone, or the store, fails. */
export const apply = (tables: Tables, pruner: Pruner, change: Change, judge: Judge): unknown => {
  switch (change.kind) {
    case 'judge':
      return applyJudge(tables, change, judge)
    case 'request':
      return applyRequest(tables, change)
    case 'claim':
      return applyClaim(tables, change)
    case 'hasten':
      return tables.waiting.hasten(change.at)
    case 'finish':
      return applyFinish(tables, change)
    case 'giveBack':
      return applyGiveBack(tables, change)
    case 'cancel':
      return applyCancel(tables, change)
    case 'rescue':
      return applyRescue(tables, change)
    case 'putSchedule':
      return applyPutSchedule(tables, change)
    case 'importSchedules':
      return applyImport(tables, change, judge)
    case 'undeclare':
      return applyUndeclare(tables, change)
    case 'pauseSchedule':
      return applyPauseSchedule(tables, change, judge)
    case 'resumeSchedule':
      return applyResumeSchedule(tables, change, judge)
    case 'removeSchedule':
      return applyRemoveSchedule(tables, change)
    case 'pause':
      return applyPause(tables, change)
    case 'resume':
      return applyResume(tables, change)
    case 'start': {
      // Later than all that came to be just now: a schedule's mark is its creation.
      const at = tables.starts.add(instant(change.at + 1))
      tables.news.tell({ kind: 'start' })
      return at
    }
    case 'putCalendar': {
      const changed = tables.calendars.put(change.name, change.dates, change.at)
      if (changed) tables.news.tell({ kind: 'dates', name: tables.names.number(change.name) })
      return changed
    }
    case 'announce':
      for (const name of change.predicates) tables.news.tell({ kind: 'predicate', name: tables.names.number(name) })
      return null
    case 'log':
      return applyLog(tables, change)
    case 'progress':
      return applyProgress(tables, change)
    case 'keepState':
      return applyKeepState(tables, change)
    case 'holdSchedule':
      return applyHoldSchedule(tables, change, judge)
    case 'keepItems':
      return applyKeepItems(tables, change)
    case 'finishUnit':
      return applyFinishUnit(tables, change)
    case 'holdHost':
      return tables.hosts.hold(change.host, change.until, change.reason, change.at)
    case 'putNoticeRules':
      return applyPutNoticeRules(tables, change)
    case 'watch':
      return applyWatch(tables, change)
    case 'claimNotices':
      return applyClaimNotices(tables, change)
    case 'settleNotice':
      return applySettleNotice(tables, change)
    case 'takeOver':
      return applyTakeOver(tables, change, judge)
    case 'release':
      return applyRelease(tables, change)
    case 'joinWorker':
      tables.workers.put(change)
      return null
    case 'leaveWorker':
      tables.workers.delete(change.worker)
      return null
    case 'drainWorker':
      return applyDrainWorker(tables, change)
    case 'event':
      tables.events.record(change.at, change.name, change.detail)
      return null
    case 'prune':
      return pruner.prune(change)
    default:
      return change satisfies never
  }
}
