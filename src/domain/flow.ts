/**
 * Flows: several runs with an order between them. As they are written, as they are laid out, and the plan of a new one. Pure.
 *
 * A flow is laid out between *points*: each step leads from one point to another, and begins when those that lead to its own
 * point let it. What a chain or a group is made of needs no more: every step has one point before it and one after it.
 */

import { RotaError, describeValue } from '../base/errors.ts'
import { toJson } from '../base/json.ts'
import type { Json } from '../base/json.ts'
import { checkName } from '../base/name.ts'
import type { TaskName } from '../base/name.ts'
import { nearest } from '../base/nearest.ts'
import { refuseUnknownOptions } from '../base/options.ts'
import { placeOf } from './limits.ts'
import type { Place, Placing } from './limits.ts'
import type { Task } from './task.ts'

/** What must have become of the steps before one, so that it begins: see flow-progress.ts. */
export const edgeRules = ['succeeds', 'fails', 'finishes'] as const
export type EdgeRule = (typeof edgeRules)[number]

type TaskOrName = string | Task<never, unknown>

/** A step as it is written: a task or its name, one of these with more said of it, or what a builder made. */
export type FlowStep = TaskOrName | StepOptions | Composed

export interface StepOptions {
  readonly task: TaskOrName
  /** Default: of the first steps the input of the flow, of the others null. */
  readonly input?: Json
  /** What must have become of the steps before. Default `succeeds`: all of them, if only in part. */
  readonly on?: EdgeRule
}

/** Several steps, or a task for each element of a list. */
export type Composed =
  | { readonly kind: 'chain' | 'group'; readonly steps: readonly FlowStep[] }
  | { readonly kind: 'map'; readonly task: string; readonly most: number }

export interface MapOptions {
  /** The list, where it is known beforehand. Default: what the step before gives back. */
  readonly over?: readonly Json[]
  /** How long the list of the step before may be, at most 100,000; a longer one fails the flow. Default 10,000. */
  readonly most?: number
}

export interface FlowOptions {
  readonly description?: string
}

/** One task in its place between two points. */
export interface LaidStep {
  readonly task: TaskName
  /** Left out: the input of the flow for a first step, else null. */
  readonly input?: Json
  readonly from: number
  readonly to: number
  readonly rule: EdgeRule
  /** Of a map over what the step before gives: how long that may be; else null. */
  readonly most: number | null
}

/** Where steps meet. */
export interface Point {
  /** How many steps lead to it. */
  readonly left: number
  /** Whether a step begins here that is meant for a failure: it is handled then. */
  readonly handles: boolean
}

/** A flow as it is laid out: points are numbered from 0, where it begins; at 1 it ends. */
export interface Flow {
  readonly kind: 'flow'
  readonly name: TaskName
  readonly steps: readonly LaidStep[]
  readonly points: readonly Point[]
  readonly description: string | null
}

export const START = 0
export const END = 1

const MOST_STEPS = 100_000
const USUAL_MOST = 10_000
const LONGEST_INPUT = 1_000_000

// ---- builders

/** One after the other. @example chain(fetch, group(parse, archive), report) */
export const chain = (...steps: readonly FlowStep[]): Composed => ({ kind: 'chain', steps })

/** Side by side; what follows in a chain waits for all of them. */
export const group = (...steps: readonly FlowStep[]): Composed => ({ kind: 'group', steps })

/** Several steps side by side, and one that comes after all of them: its `parents()` are their results. */
export const join = (steps: FlowStep | readonly FlowStep[], last: FlowStep): Composed =>
  chain(isList(steps) ? group(...steps) : steps, last)

/**
 * A run of the task for each element of a list, with the element as its input: of the list that the step before gives back,
 * or of one that is known (`over`).
 *
 * @example chain(listPages, map(parsePage), report)
 */
export const map = (task: TaskOrName, { over, ...options }: MapOptions = {}): Composed => {
  refuseUnknownOptions('A map', options, ['most'])
  const { most = USUAL_MOST } = options
  if (!Number.isInteger(most) || most < 1 || most > MOST_STEPS) {
    throw new RotaError(
      'OPTION_INVALID',
      `most of a map is ${describeValue(most).slice(0, 40)}; it is a whole number from 1 to ${MOST_STEPS}.`,
      { details: { option: 'most' } },
    )
  }
  if (over === undefined) return { kind: 'map', task: taskOf(task), most }
  if (!Array.isArray(over)) throw new RotaError('OPTION_INVALID', 'over of a map is a list.')
  return group(...(over as readonly Json[]).map(input => ({ task, input })))
}

const isList = (steps: FlowStep | readonly FlowStep[]): steps is readonly FlowStep[] => Array.isArray(steps)

// ---- laying out

/**
 * Checks a flow as it is written, and lays it out.
 *
 * @throws RotaError NAME_INVALID, OPTION_INVALID
 */
export const defineFlow = (name: string, written: FlowStep, options: FlowOptions = {}): Flow => {
  refuseUnknownOptions(`The flow '${name}'`, options, ['description'])
  const checked = checkName('flow', name) as TaskName
  const layout = new Layout(`The flow '${name}'`)
  layout.add(written, START, END)
  return {
    kind: 'flow',
    name: checked,
    ...layout.laid(),
    description: options.description ?? null,
  }
}

class Layout {
  readonly #what: string
  readonly #steps: LaidStep[] = []
  #points = END + 1

  constructor(what: string) {
    this.#what = what
  }

  add(written: FlowStep, from: number, to: number): void {
    const step = readStep(this.#what, written)
    switch (step.kind) {
      case 'chain':
        return this.#chain(this.#some(step), from, to)
      case 'group':
        for (const one of this.#some(step)) this.add(one, from, to)
        return
      case 'map':
        return this.#push({ task: step.task as TaskName, from, to, rule: 'succeeds', most: step.most })
      case 'step':
        if (from === START && step.on !== undefined)
          throw this.#wrong(`'${step.task}' is a first step: nothing comes before it that \`on\` could be about`)
        return this.#push({
          task: step.task as TaskName,
          ...(step.input === undefined ? {} : { input: this.#checkInput(step.task, step.input) }),
          from,
          to,
          rule: step.on ?? 'succeeds',
          most: null,
        })
      default:
        return step satisfies never
    }
  }

  laid(): Pick<Flow, 'steps' | 'points'> {
    const steps = this.#steps
    const left = Array.from({ length: this.#points }, () => 0)
    const handled = new Set(steps.filter(({ rule }) => rule !== 'succeeds').map(({ from }) => from))
    for (const { to } of steps) left[to] = (left[to] ?? 0) + 1
    for (const step of steps) if (step.most !== null) this.#checkMap(step)
    return { steps, points: left.map((count, point) => ({ left: count, handles: handled.has(point) })) }
  }

  #chain(steps: readonly FlowStep[], from: number, to: number): void {
    let at = from
    for (const [i, step] of steps.entries()) {
      const next = i === steps.length - 1 ? to : this.#points++
      this.add(step, at, next)
      at = next
    }
  }

  #push(step: LaidStep): void {
    if (this.#steps.length === MOST_STEPS) throw this.#wrong(`it has more than ${MOST_STEPS} steps`)
    this.#steps.push(step)
  }

  #some({ kind, steps }: Composed & { kind: 'chain' | 'group' }): readonly FlowStep[] {
    if (steps.length > 0) return steps
    throw this.#wrong(`a ${kind} in it has no steps`)
  }

  #checkInput(task: string, input: Json): Json {
    const json = toJson(input, LONGEST_INPUT)
    if ('reason' in json) throw this.#wrong(`the input of '${task}' cannot be kept as JSON: ${json.reason}`)
    return input
  }

  #checkMap({ task, from }: LaidStep): void {
    const before = this.#steps.filter(({ to }) => to === from)
    if (before.length === 1 && before[0]?.most === null) return
    throw this.#wrong(
      `the map of '${task}' needs one task right before it, whose result is its list; or a list, \`over\``,
    )
  }

  #wrong(why: string): RotaError {
    return new RotaError('OPTION_INVALID', `${this.#what} cannot be laid out: ${why}.`)
  }
}

type ReadStep =
  | Composed
  | {
      readonly kind: 'step'
      readonly task: string
      readonly input: Json | undefined
      readonly on: EdgeRule | undefined
    }

const readStep = (what: string, written: FlowStep): ReadStep => {
  if (typeof written === 'string') return { kind: 'step', task: written, input: undefined, on: undefined }
  if (typeof written !== 'object' || written === null)
    throw new RotaError('OPTION_INVALID', `${what} has a ${typeof written} where a step should be.`)
  if ('handler' in written) return { kind: 'step', task: written.name, input: undefined, on: undefined }
  if ('kind' in written) return written
  refuseUnknownOptions(`A step of ${what.toLowerCase()}`, written, ['task', 'input', 'on'])
  return { kind: 'step', task: taskOf(written.task), input: written.input, on: checkRule(what, written.on) }
}

const taskOf = (task: TaskOrName): string => (typeof task === 'string' ? task : task.name)

const checkRule = (what: string, rule: EdgeRule | undefined): EdgeRule | undefined => {
  if (rule === undefined || edgeRules.includes(rule)) return rule
  const hint = nearest(String(rule), edgeRules)
  const advice = hint === undefined ? `It is one of ${edgeRules.join(', ')}.` : `Did you mean '${hint}'?`
  throw new RotaError('OPTION_INVALID', `${what} has a step on '${String(rule).slice(0, 40)}'. ${advice}`, {
    details: { option: 'on' },
  })
}

// ---- planning

/** One run that a new flow is to have. */
export interface PlannedRun extends Omit<LaidStep, 'input'> {
  readonly input: Json
  readonly place: Place
  readonly attemptsAllowed: number
}

/** Everything that a new flow is made of, so that it can be kept in one go. */
export interface FlowPlan {
  readonly runs: readonly PlannedRun[]
  readonly points: readonly Point[]
}

/** The plan of a flow with this input. */
export type FlowPlanner = (input: Json) => FlowPlan

/** What must be known of tasks to plan runs of them. */
export interface TaskPlans {
  readonly attemptsAllowed: (task: TaskName) => number
  readonly placing: (task: TaskName) => Placing
}

export const planOf = ({ steps, points }: Flow, input: Json, tasks: TaskPlans): FlowPlan => ({
  points,
  runs: steps.map(step => {
    const given = step.from === START ? input : null
    const own = step.input === undefined ? given : step.input
    return {
      ...step,
      input: own,
      place: placeOf(tasks.placing(step.task), own),
      attemptsAllowed: tasks.attemptsAllowed(step.task),
    }
  }),
})
