/** A handler in a vessel, from its input to its end: hands it the context, answers its questions, hears what became of it. */

import { describeValue } from '../../base/errors.ts'
import type { Duration } from '../../base/duration.ts'
import type { LogFields } from '../../base/log.ts'
import { GiveUp, RetryAfter, partial } from '../../domain/outcome.ts'
import { runErrorOf } from '../../domain/run.ts'
import type { Context } from '../../domain/task.ts'
import type { Aborted } from '../aborted.ts'
import { Unkept } from '../result.ts'
import type { FromRemote, Question, RemoteEnd } from './messages.ts'
import { dressed, errorFrom } from './remote-error.ts'
import type { Vessel } from './vessel.ts'

export interface Conducted {
  readonly module: string
  readonly export: string
  readonly grace: Duration
}

/** How it ended, and what the vessel uses then; null where the vessel is gone. */
export interface Conclusion {
  readonly end: { readonly value: unknown } | { readonly thrown: unknown }
  readonly memoryMb: number | null
}

/** Never rejects. */
export const conduct = async (vessel: Vessel, work: Conducted, context: Context): Promise<Conclusion> => {
  const over = Promise.withResolvers<Conclusion>()
  let crash: Error | null = null
  const said = (message: FromRemote): void => {
    switch (message.kind) {
      case 'log':
        return context.log[message.level](message.message, message.fields as LogFields)
      case 'progress':
        return context.progress(message.done, message.total, message.note)
      case 'question':
        return void answer(vessel, context, message)
      case 'over':
        return over.resolve({ end: endOf(message.end), memoryMb: message.memoryMb })
      case 'crashed':
        crash = errorFrom(message.error)
        return
      default:
        return message satisfies never
    }
  }
  vessel.heardBy({ said, ended: why => over.resolve({ end: { thrown: crash ?? why }, memoryMb: null }) })
  const tell = (): void => {
    const { why, message } = context.signal.reason as Aborted
    if (vessel.isAlive) vessel.send({ kind: 'abort', why, message })
  }
  try {
    const { input, run, attempt, nominalAt, trigger } = context
    vessel.send({ kind: 'begin', ...work, given: { input, run, attempt, nominalAt, trigger } })
  } catch (error) {
    // Its input holds what cannot be sent, such as a function.
    return { end: { thrown: error }, memoryMb: 0 }
  }
  if (context.signal.aborted) tell()
  context.signal.addEventListener('abort', tell)
  try {
    return await over.promise
  } finally {
    context.signal.removeEventListener('abort', tell)
  }
}

const endOf = (end: RemoteEnd): Conclusion['end'] => {
  switch (end.kind) {
    case 'returned':
      return { value: JSON.parse(end.result) as unknown }
    case 'partial':
      return { value: partial(JSON.parse(end.result), end.detail) }
    case 'unkept':
      return { thrown: new Unkept(end.reason) }
    case 'threw':
      return { thrown: errorFrom(end.error) }
    case 'gave up':
      return { thrown: dressed(new GiveUp(), end.error) }
    case 'retry after':
      return { thrown: dressed(new RetryAfter(end.at, ''), end.error) }
    default:
      return end satisfies never
  }
}

const answer = async (
  vessel: Vessel,
  context: Context,
  { question, what, given }: FromRemote & { kind: 'question' },
): Promise<void> => {
  try {
    const value = await ask(context, what, given)
    if (vessel.isAlive) vessel.send({ kind: 'answer', question, value })
  } catch (error) {
    if (vessel.isAlive) vessel.send({ kind: 'refusal', question, error: runErrorOf(error) })
  }
}

const ask = (context: Context, what: Question, given: readonly unknown[]): Promise<unknown> => {
  const { state, records } = context
  const [first, second, third] = given as readonly [never, never, never]
  switch (what) {
    case 'state.get':
      return state.get(first)
    case 'state.set':
      return state.set(first, second)
    case 'state.delete':
      return state.delete(first)
    case 'previous':
      return context.previous()
    case 'parents':
      return context.parents()
    case 'secret':
      return context.secret(first)
    case 'hold':
      return context.hold(first, second)
    case 'records.finishedUnits':
      return records.finishedUnits()
    case 'records.keepItems':
      return records.keepItems(first, second)
    case 'records.finishUnit':
      return records.finishUnit(first)
    case 'records.hostHeldUntil':
      return records.hostHeldUntil(first)
    case 'records.holdHost':
      return records.holdHost(first, second, third)
    default:
      throw new Error(`nothing answers to ${describeValue(what satisfies never)}`)
  }
}
