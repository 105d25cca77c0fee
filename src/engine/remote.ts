/**
 * The program of a thread or child process: executes handlers that are named to it, one at a time, and says what comes of
 * them. It opens no store; what its handlers ask for is asked of the process that started it.
 */

import { isMainThread, parentPort } from 'node:worker_threads'
import { systemClock } from '../base/clock.ts'
import type { Duration } from '../base/duration.ts'
import { RotaError } from '../base/errors.ts'
import type { Log, LogFields, LogLevel } from '../base/log.ts'
import { GiveUp, RetryAfter, isPartial } from '../domain/outcome.ts'
import { progressOf } from '../domain/progress.ts'
import { runErrorOf } from '../domain/run.ts'
import type { Context, Handler } from '../domain/task.ts'
import { Aborted } from './aborted.ts'
import { withLogOf } from './current-log.ts'
import { Deferred } from './deferred.ts'
import { errorFrom } from './isolation/remote-error.ts'
import type { FromRemote, Given, Question, RemoteEnd, ToRemote } from './isolation/messages.ts'
import { markRemote } from './remote-mark.ts'
import { Unkept, resultText } from './result.ts'
import { fieldsOf } from './run-log.ts'

markRemote()

const clock = systemClock()
const waiting = new Map<number, PromiseWithResolvers<unknown>>()
let asked = 0
let controller = new AbortController()

const say = (message: FromRemote, sent: () => void = () => {}): void => {
  if (isMainThread) return void process.send?.(message, undefined, undefined, sent)
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is no window
  parentPort?.postMessage(message)
  sent()
}

const hear = (message: ToRemote): void => {
  switch (message.kind) {
    case 'begin':
      return void execute(message)
    case 'abort':
      return controller.abort(new Aborted(message.why, message.message))
    case 'answer':
      return waiting.get(message.question)?.resolve(message.value)
    case 'refusal':
      return waiting.get(message.question)?.reject(errorFrom(message.error))
    case 'leave':
      process.exit()
      break
    default:
      return message satisfies never
  }
}

const execute = async (work: ToRemote & { kind: 'begin' }): Promise<void> => {
  controller = new AbortController()
  const speech = new Speech()
  const deferred = new Deferred()
  const log = logTo(speech, {})
  const context = contextOf(work.given, speech, log, deferred)
  const end = await withLogOf(context, () => call(work.module, work.export, context))
  if (!deferred.isEmpty) await cleanUp(deferred, work.grace, log)
  speech.end()
  say({ kind: 'over', end, memoryMb: process.memoryUsage.rss() / 2 ** 20 })
}

/** What one handler says and asks. What it left behind says no more: it would be heard as words of the next one. */
class Speech {
  #isOver = false

  end(): void {
    this.#isOver = true
  }

  say(message: FromRemote): void {
    if (!this.#isOver) say(message)
  }

  async ask(what: Question, given: readonly unknown[]): Promise<unknown> {
    if (this.#isOver) throw new RotaError('RUN_ALREADY_OVER', 'The run is over: nothing more can be asked or kept.')
    const question = ++asked
    const answer = Promise.withResolvers<unknown>()
    waiting.set(question, answer)
    try {
      say({ kind: 'question', question, what, given })
      return await answer.promise
    } finally {
      waiting.delete(question)
    }
  }
}

const cleanUp = (deferred: Deferred, grace: Duration, log: Log): Promise<void> =>
  withLogOf({ log }, () => deferred.run(clock, grace, log))

const call = async (module: string, name: string, context: Context): Promise<RemoteEnd> => {
  try {
    const handler = await handlerIn(module, name)
    context.signal.throwIfAborted()
    const returned = await handler(context)
    if (!isPartial(returned)) return { kind: 'returned', result: resultText(returned) }
    return { kind: 'partial', result: resultText(returned.result), detail: String(returned.detail).slice(0, 1_000) }
  } catch (thrown) {
    if (thrown instanceof Unkept) return { kind: 'unkept', reason: thrown.message }
    const error = runErrorOf(thrown)
    if (thrown instanceof GiveUp) return { kind: 'gave up', error }
    if (thrown instanceof RetryAfter) return { kind: 'retry after', error, at: thrown.at }
    return { kind: 'threw', error }
  }
}

const handlerIn = async (module: string, name: string): Promise<Handler> => {
  const exported = (await import(module)) as Readonly<Record<string, unknown>>
  const handler = exported[name]
  if (typeof handler === 'function') return handler as Handler
  throw new RotaError(
    'OPTION_INVALID',
    `${module} exports no function '${name}'. It has ${Object.keys(exported).join(', ')}.`,
  )
}

const contextOf = (given: Given, speech: Speech, log: Log, deferred: Deferred): Context => {
  const { signal } = controller
  const asking =
    <T>(what: Question) =>
    (...args: readonly unknown[]): Promise<T> =>
      speech.ask(what, args) as Promise<T>
  return {
    ...given,
    signal,
    log,
    clock,
    progress: (done, total = null, note = null) => {
      // Refused here, where the handler can see it.
      progressOf(done, total, note, clock.now())
      speech.say({ kind: 'progress', done, total, note })
    },
    state: { get: asking('state.get'), set: asking('state.set'), delete: asking('state.delete') },
    defer: cleanup => deferred.add(cleanup),
    previous: asking('previous'),
    parents: asking('parents'),
    secret: asking('secret'),
    hold: asking('hold'),
    records: {
      finishedUnits: asking('records.finishedUnits'),
      keepItems: asking('records.keepItems'),
      finishUnit: asking('records.finishUnit'),
      hostHeldUntil: asking('records.hostHeldUntil'),
      holdHost: asking('records.holdHost'),
    },
  }
}

const logTo = (speech: Speech, fields: LogFields): Log => {
  const at = (level: LogLevel) => (message: string, more?: LogFields) =>
    speech.say({ kind: 'log', level, message: String(message), fields: fieldsOf({ ...fields, ...more }) })
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: more => logTo(speech, { ...fields, ...more }),
  }
}

// What throws where nobody can catch it ends the thread or process, as everywhere in Node; first it says what it was.
process.on('uncaughtException', error => {
  say({ kind: 'crashed', error: runErrorOf(error) }, () => process.exit(1))
})

if (isMainThread) {
  process.on('message', hear)
  // Whoever started it is gone: nobody hears it any more.
  process.on('disconnect', () => process.exit())
} else parentPort?.on('message', hear)
