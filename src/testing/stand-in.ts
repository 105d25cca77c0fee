/**
 * Tasks that only pretend: each takes its time and fails as often as it is told to, and calls nothing of the real handler.
 * The policies around it (input, retry, timeout) are the task's own.
 */

import type { Clock } from '../base/clock.ts'
import { parseDuration } from '../base/duration.ts'
import type { Duration, DurationInput } from '../base/duration.ts'
import { RotaError, describeValue } from '../base/errors.ts'
import { instant } from '../base/instant.ts'
import type { RunId } from '../base/name.ts'
import { isStep } from '../domain/run.ts'
import type { Run } from '../domain/run.ts'
import type { Context, Task } from '../domain/task.ts'
import type { App } from '../app.ts'
import type { Lots } from './lots.ts'
import type { Random } from './random.ts'

/** A length, or the shortest and the longest, between which each attempt draws its own. */
export type Length = DurationInput | readonly [shortest: DurationInput, longest: DurationInput]

export interface StandInOptions {
  readonly lots: Lots
  readonly clock: Clock
  /** How long an attempt takes, by task. */
  readonly durations: Readonly<Record<string, Length>>
  /** How often an attempt fails, from 0 to 1, by task. */
  readonly fail: Readonly<Record<string, number>>
  /** The run that is being executed. */
  readonly runOf: (id: RunId) => Run | undefined
}

interface Role {
  readonly shortest: Duration
  readonly longest: Duration
  readonly fail: number
}

const USUAL: Length = '1 s'

/** The stand-ins for the tasks of an app, and the random numbers that their engine draws from. */
export class StandIns {
  readonly tasks: readonly Task<never, unknown>[]
  readonly #options: StandInOptions
  #waits: Random

  /** @throws RotaError TASK_UNKNOWN, OPTION_INVALID, DURATION_UNREADABLE */
  constructor(app: App, options: StandInOptions) {
    const { durations, fail, lots } = options
    for (const name of [...Object.keys(durations), ...Object.keys(fail)]) app.tasks.get(name)
    this.#options = options
    this.#waits = lots('waits')
    this.tasks = app.tasks.list().map(task => this.#standIn(task))
  }

  /** For the jitter of a wait: the engine asks for it right after it asked whether the failure is worth the wait. */
  readonly random = (): number => this.#waits.next()

  #standIn(task: Task<never, unknown>): Task<never, unknown> {
    const { durations, fail } = this.#options
    const role = { ...lengthOf(task.name, durations), fail: probabilityOf(task.name, fail) }
    return {
      ...task,
      handler: async (context: Context) => this.#pretend(task.name, role, context),
      retry: { ...task.retry, retryOn: error => this.#isWorthAnother(task, error) },
    }
  }

  async #pretend(
    task: string,
    role: Role,
    { run, nominalAt, attempt, clock, signal }: Context,
  ): Promise<readonly null[]> {
    // Not the number of the run: that depends on everything else that runs.
    const own = this.#options.runOf(run)
    const whole = own !== undefined && isStep(own) ? this.#options.runOf(own.root) : own
    const lots = this.#options.lots(task, whole?.schedule ?? null, whole?.nominalAt ?? nominalAt, attempt)
    const fails = lots.chance(role.fail)
    await clock.sleepUntil(instant(clock.now() + lots.between(role.shortest, role.longest)), signal)
    if (fails) throw new SimulatedFailure(lots)
    // A map that follows has one run.
    return [null]
  }

  // What really failed, such as a timeout, is put to the task itself.
  #isWorthAnother({ name, retry }: Task<never, unknown>, error: unknown): boolean {
    const isOurs = error instanceof SimulatedFailure
    this.#waits = isOurs ? error.lots : this.#options.lots('waits', name, this.#options.clock.now())
    return isOurs || retry.retryOn(error)
  }
}

class SimulatedFailure extends Error {
  override readonly name = 'SimulatedFailure'
  readonly lots: Random

  constructor(lots: Random) {
    super('the simulation let this attempt fail')
    this.lots = lots
  }
}

const lengthOf = (task: string, durations: StandInOptions['durations']): Pick<Role, 'shortest' | 'longest'> => {
  const length = Object.hasOwn(durations, task) ? (durations[task] ?? USUAL) : USUAL
  const [shortest, longest] = (typeof length === 'object' ? length : [length, length]).map(parseDuration)
  if (shortest !== undefined && longest !== undefined && shortest <= longest) return { shortest, longest }
  throw new RotaError(
    'OPTION_INVALID',
    `The duration of '${task}' is ${describeValue(length).slice(0, 100)}; it is a length, or the shortest and the longest.`,
    { details: { option: 'durations', task } },
  )
}

const probabilityOf = (task: string, fail: StandInOptions['fail']): number => {
  const probability = Object.hasOwn(fail, task) ? (fail[task] ?? 0) : 0
  if (typeof probability === 'number' && probability >= 0 && probability <= 1) return probability
  throw new RotaError(
    'OPTION_INVALID',
    `'${task}' cannot fail with a probability of ${describeValue(probability).slice(0, 40)}; it is a number from 0 to 1.`,
    { details: { option: 'fail', task } },
  )
}
