/** One attempt by itself, on a virtual clock: what it is given is in memory, and what it says can be waited for. */

import assert from 'node:assert/strict'
import type { Json } from '../../../src/base/json.ts'
import type { Log, LogFields, LogLevel } from '../../../src/base/log.ts'
import type { RunId, TaskName } from '../../../src/base/name.ts'
import type { Outcome } from '../../../src/domain/outcome.ts'
import type { Run } from '../../../src/domain/run.ts'
import { usualPlace } from '../../../src/domain/limits.ts'
import { defineTask } from '../../../src/domain/task.ts'
import type { Records, TaskOptions, Work } from '../../../src/domain/task.ts'
import { Attempt } from '../../../src/engine/attempt.ts'
import type { AttemptEnd } from '../../../src/engine/attempt.ts'
import type { AbortCause } from '../../../src/engine/engine.ts'
import type { Surroundings } from '../../../src/engine/handler-context.ts'
import { Isolations } from '../../../src/engine/isolation/isolations.ts'
import { Secrets } from '../../../src/engine/secrets.ts'
import { VirtualClock } from '../../../src/testing/virtual-clock.ts'

export interface SaidLine {
  readonly level: LogLevel
  readonly message: string
  readonly fields: LogFields
}

/** Several attempts over the same isolations, as an engine makes them. */
export class Attempting implements AsyncDisposable {
  readonly clock = new VirtualClock()
  readonly isolations = new Isolations(this.clock)
  readonly secrets = new Secrets(null)
  readonly state = new Map<string, Json>()
  readonly progress: (readonly [number, number | null, string | null])[] = []
  readonly kept: unknown[] = []

  begin(work: Work, options: TaskOptions = {}, input: Json = null): Trial {
    const task = defineTask('work', work, options)
    const run = runOf(input, task.retry.attempts, this.clock)
    const attempt = new Attempt(run, task, this.clock, () => 0.5, this.isolations)
    return new Trial(attempt, lines => new Promise(resolve => attempt.execute(this.#around(lines), resolve)))
  }

  /** Begins and waits for the end. */
  async run(work: Work, options: TaskOptions = {}, input: Json = null): Promise<Outcome> {
    return this.begin(work, options, input).outcome()
  }

  #around(lines: Heard): Surroundings {
    const earlier = { id: 1 as RunId, task: 'work' as TaskName, state: 'succeeded', endedAt: null, result: 7 } as const
    const keep =
      <T>(answer: T) =>
      async (...given: readonly unknown[]): Promise<T> => {
        this.kept.push(given)
        return answer
      }
    const records: Records = {
      finishedUnits: async () => [],
      keepItems: keep({ seen: 1, new: 1, changed: 0, unchanged: 0, invalid: 0 }),
      finishUnit: keep(undefined),
      hostHeldUntil: async () => null,
      holdHost: keep(undefined),
    }
    return {
      log: logInto(lines, {}),
      records,
      progress: (done, total = null, note = null) => void this.progress.push([done, total, note]),
      state: {
        get: async key => this.state.get(key) ?? null,
        set: async (key, value) => void this.state.set(key, value),
        delete: async key => void this.state.delete(key),
      },
      previous: async () => earlier,
      parents: async () => [earlier],
      secret: async name => this.secrets.find(name),
      hold: keep(undefined),
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.isolations.close()
  }
}

type Heard = (line: SaidLine) => void

/** An attempt under way. */
export class Trial {
  readonly lines: SaidLine[] = []
  readonly #attempt: Attempt
  readonly #end: Promise<AttemptEnd>
  readonly #waiting = new Map<string, PromiseWithResolvers<void>>()

  constructor(attempt: Attempt, execute: (heard: Heard) => Promise<AttemptEnd>) {
    this.#attempt = attempt
    this.#end = execute(line => {
      this.lines.push(line)
      this.#awaited(line.message).resolve()
    })
  }

  /** Resolves once it has logged this. */
  async said(message: string): Promise<void> {
    const ended = this.#end.then(end => {
      if (!this.lines.some(line => line.message === message)) assert.fail(`it ended first: ${JSON.stringify(end)}`)
    })
    await Promise.race([this.#awaited(message).promise, ended])
  }

  abort(cause: AbortCause): void {
    this.#attempt.abort(cause)
  }

  end(): Promise<AttemptEnd> {
    return this.#end
  }

  async outcome(): Promise<Outcome> {
    const end = await this.#end
    if (end.kind !== 'outcome') assert.fail(`it was ${end.kind}`)
    return end.outcome
  }

  messages(): readonly string[] {
    return this.lines.map(line => line.message)
  }

  #awaited(message: string): PromiseWithResolvers<void> {
    const known = this.#waiting.get(message) ?? Promise.withResolvers<void>()
    this.#waiting.set(message, known)
    return known
  }
}

const logInto = (heard: Heard, fields: LogFields): Log => {
  const at = (level: LogLevel) => (message: string, more?: LogFields) =>
    heard({ level, message, fields: { ...fields, ...more } })
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: more => logInto(heard, { ...fields, ...more }),
  }
}

const runOf = (input: Json, attemptsAllowed: number, clock: VirtualClock): Run => ({
  ...usualPlace,
  id: 42 as RunId,
  task: 'work' as TaskName,
  scheduleId: null,
  schedule: null,
  root: null,
  state: 'running',
  reason: null,
  detail: null,
  trigger: { kind: 'hand', by: 'ada' },
  nominalAt: clock.now(),
  lastNominalAt: null,
  count: 1,
  createdAt: clock.now(),
  startedAt: clock.now(),
  endedAt: null,
  attempt: 1,
  attemptsAllowed,
  deaths: 0,
  fence: 1,
  worker: 'w1',
  retryAt: null,
  expiresAt: null,
  cancelRequestedAt: null,
  cancelledBy: null,
  input,
  result: null,
  error: null,
  unitsOk: 0,
  unitsFailed: 0,
  memoryMb: null,
})

/** A failure in short. */
export const failureOf = (outcome: Outcome) => {
  if (outcome.kind !== 'failed') assert.fail(`it ${outcome.kind}: ${JSON.stringify(outcome)}`)
  const { reason, error, retryAt } = outcome
  return { reason, name: error.name, message: error.message, code: error.code, again: retryAt !== null, error }
}
