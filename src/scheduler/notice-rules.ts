/** Who wants to be told what, as code declares it: the rules, and the destinations with their secrets. */

import { RotaError } from '../base/errors.ts'
import { nearest } from '../base/nearest.ts'
import { refuseUnknownOptions } from '../base/options.ts'
import { noticeKinds } from '../domain/notice.ts'
import type { NoticeKind, NoticeRule } from '../domain/notice.ts'
import type { Task } from '../domain/task.ts'
import type { Destination } from './destinations/destination.ts'

export interface NoticeOptions {
  readonly to: Destination | readonly Destination[]
  /**
   * `failed`: a run failed for good, the first of a row. `recovered`: what was failed, overdue or silent runs again.
   * `health`: a task or source turned degraded, failing, or healthy again. `overdue`: something is due and nothing begins.
   * `silent`: no good run where two, and then four, were expected.
   */
  readonly on: readonly NoticeKind[]
  /** Only of these tasks and sources, or with one of these `tags`. Default: of all. */
  readonly tasks?: readonly (string | Task<never, unknown>)[]
  readonly tags?: readonly string[]
  /** With `failed`: each failure of a row, not only the first. Default false. */
  readonly every?: boolean
}

const MOST_DESTINATIONS = 100

export class NoticeRules {
  readonly #destinations = new Map<string, Destination>()
  readonly #rules: NoticeRule[] = []

  /** @throws RotaError OPTION_INVALID */
  declare(options: NoticeOptions): void {
    refuseUnknownOptions('A notice', options, ['to', 'on', 'tasks', 'tags', 'every'])
    const destinations = [options.to].flat() as readonly Destination[]
    const on = checkKinds(options.on)
    if (destinations.length === 0) throw new RotaError('OPTION_INVALID', 'A notice needs somebody it goes to: `to`.')
    for (const destination of destinations) this.#add(destination)
    const tasks = options.tasks?.map(task => (typeof task === 'string' ? task : task.name)) ?? null
    const { tags = null, every = false } = options
    for (const { name } of destinations) this.#rules.push({ destination: name, on, tasks, tags, every })
  }

  get destinations(): ReadonlyMap<string, Destination> {
    return this.#destinations
  }

  get rules(): readonly NoticeRule[] {
    return this.#rules
  }

  /** @throws RotaError DESTINATION_UNKNOWN */
  destination(name: string): Destination {
    const destination = this.#destinations.get(name)
    if (destination !== undefined) return destination
    const hint = nearest(name, this.#destinations.keys())
    const advice =
      hint !== undefined
        ? `Did you mean '${hint}'?`
        : this.#destinations.size === 0
          ? 'The code declares none: app.notify({ to: webhook(…), on: […] }).'
          : `There are ${[...this.#destinations.keys()].join(', ')}.`
    throw new RotaError('DESTINATION_UNKNOWN', `There is no destination '${name.slice(0, 100)}'. ${advice}`)
  }

  #add(destination: Destination): void {
    if (typeof destination?.send !== 'function' || typeof destination.name !== 'string')
      throw new RotaError('OPTION_INVALID', '`to` of a notice is a webhook(…), an email(…), or several of them.')
    const known = this.#destinations.get(destination.name)
    if (known !== undefined && known !== destination) {
      throw new RotaError(
        'OPTION_INVALID',
        `Two destinations are named '${destination.name}': give one of them another name.`,
      )
    }
    if (known === undefined && this.#destinations.size >= MOST_DESTINATIONS)
      throw new RotaError('OPTION_INVALID', `There are at most ${MOST_DESTINATIONS} destinations.`)
    this.#destinations.set(destination.name, destination)
  }
}

const checkKinds = (on: unknown): readonly NoticeKind[] => {
  const kinds: readonly unknown[] = Array.isArray(on) ? on : []
  const wrong = kinds.find(kind => !(noticeKinds as readonly unknown[]).includes(kind))
  if (kinds.length === 0 || wrong !== undefined) {
    const hint = typeof wrong === 'string' ? nearest(wrong, noticeKinds) : undefined
    const advice = hint === undefined ? `It is a list of ${noticeKinds.join(', ')}.` : `Did you mean '${hint}'?`
    throw new RotaError('OPTION_INVALID', `\`on\` of a notice is not right. ${advice}`)
  }
  if (kinds.includes('recovered') && !kinds.some(kind => kind === 'failed' || kind === 'overdue' || kind === 'silent'))
    throw new RotaError('OPTION_INVALID', '`recovered` ends what was told before: name failed, overdue or silent too.')
  return [...new Set(kinds as readonly NoticeKind[])]
}
