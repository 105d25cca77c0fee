/** The flows that code defines, by name: what tasks they need, and how runs of them are planned. */

import { RotaError } from '../base/errors.ts'
import type { TaskName } from '../base/name.ts'
import { planOf } from '../domain/flow.ts'
import type { Flow, FlowPlanner, TaskPlans } from '../domain/flow.ts'
import { parse } from '../when/parse.ts'
import { waitsOf } from '../when/waits.ts'

export class Flows {
  readonly #plans: TaskPlans
  readonly #flows = new Map<string, Flow>()

  constructor(plans: TaskPlans) {
    this.#plans = plans
  }

  add(flow: Flow): void {
    this.#flows.set(flow.name, flow)
  }

  get(name: string): Flow | undefined {
    return this.#flows.get(name)
  }

  list(): readonly Flow[] {
    return [...this.#flows.values()]
  }

  names(): readonly string[] {
    return [...this.#flows.keys()]
  }

  /** How to plan the flow of this name; undefined where there is none. */
  planner(name: string): FlowPlanner | undefined {
    const flow = this.#flows.get(name)
    return flow === undefined ? undefined : input => planOf(flow, input, this.#plans)
  }

  /** The tasks of every flow. */
  tasks(): readonly TaskName[] {
    return this.list().flatMap(({ steps }) => steps.map(({ task }) => task))
  }

  /**
   * A flow that one of its own tasks sets going would go round without end.
   *
   * @throws RotaError CONDITION_REFUSED
   */
  refuseRound({ task, when }: { readonly task: string; readonly when: string }): void {
    const steps = new Set<string>(this.#flows.get(task)?.steps.map(step => step.task))
    const own = waitsOf(parse(when), null).find(({ name, triggers }) => triggers && steps.has(name))
    if (own === undefined) return
    throw new RotaError(
      'CONDITION_REFUSED',
      `'${own.name}' is a step of the flow '${task}': these would start each other without end. Put time between them, such as \`10 minutes after '${own.name}' finishes\`.`,
      { details: { cycle: [own.name, task, own.name] } },
    )
  }
}
