/** What this process and a thread or child process that executes a handler say to one another. */

import type { Duration } from '../../base/duration.ts'
import type { Instant } from '../../base/instant.ts'
import type { Json } from '../../base/json.ts'
import type { LogLevel } from '../../base/log.ts'
import type { RunError } from '../../domain/run.ts'
import type { Context } from '../../domain/task.ts'
import type { AbortCause } from '../engine.ts'

export type ToRemote =
  | {
      readonly kind: 'begin'
      readonly module: string
      readonly export: string
      readonly given: Given
      /** How long its cleanups may take. */
      readonly grace: Duration
    }
  | { readonly kind: 'abort'; readonly why: AbortCause; readonly message: string }
  | { readonly kind: 'answer'; readonly question: number; readonly value: unknown }
  | { readonly kind: 'refusal'; readonly question: number; readonly error: RunError }
  /** There is nothing more to do. */
  | { readonly kind: 'leave' }

/** What of the context is plain data. */
export type Given = Pick<Context, 'input' | 'run' | 'attempt' | 'nominalAt' | 'trigger'>

export type FromRemote =
  | { readonly kind: 'log'; readonly level: LogLevel; readonly message: string; readonly fields: Json }
  | { readonly kind: 'progress'; readonly done: number; readonly total: number | null; readonly note: string | null }
  | {
      readonly kind: 'question'
      readonly question: number
      readonly what: Question
      readonly given: readonly unknown[]
    }
  | { readonly kind: 'over'; readonly end: RemoteEnd; readonly memoryMb: number }
  /** Something threw where nobody could catch it: it ends. */
  | { readonly kind: 'crashed'; readonly error: RunError }

export type RemoteEnd =
  /** As JSON text: what is no JSON does not come across. */
  | { readonly kind: 'returned'; readonly result: string }
  | { readonly kind: 'partial'; readonly result: string; readonly detail: string }
  | { readonly kind: 'unkept'; readonly reason: string }
  | { readonly kind: 'threw'; readonly error: RunError }
  | { readonly kind: 'gave up'; readonly error: RunError }
  | { readonly kind: 'retry after'; readonly error: RunError; readonly at: Instant }

/** What of the context is asked for where the store is. */
export const questions = [
  'state.get',
  'state.set',
  'state.delete',
  'previous',
  'parents',
  'secret',
  'hold',
  'records.finishedUnits',
  'records.keepItems',
  'records.finishUnit',
  'records.hostHeldUntil',
  'records.holdHost',
] as const
export type Question = (typeof questions)[number]
