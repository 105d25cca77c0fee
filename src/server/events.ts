/**
 * What happens, told as it happens (server-sent events). Each event is written once and handed to every listener; one that
 * does not keep up is dropped, and asks again when it comes back: memory does not grow with slow readers.
 */

import { randomUUID } from 'node:crypto'
import type { Clock } from '../base/clock.ts'
import { duration } from '../base/duration.ts'
import { RotaError } from '../base/errors.ts'
import { toJson } from '../base/json.ts'
import type { RunId } from '../base/name.ts'
import type { App, AppEvent } from '../app.ts'
import { changeOut, progressOut, runOut, toldLineOut } from './shapes.ts'

export const eventKinds = ['run', 'progress', 'schedule', 'health', 'log', 'trouble', 'notice'] as const
export type EventKind = (typeof eventKinds)[number]

/** What a listener wants to hear. */
export interface Wanted {
  /** Default: all. */
  readonly kinds?: readonly EventKind[] | undefined
  /** Only what concerns this run, or the steps of the flow that it stands for. */
  readonly run?: RunId | undefined
  /** The id of the last event that was heard; what came after it is told first. */
  readonly after?: string | undefined
}

const MOST_LISTENERS = 200
const MOST_WAITING_BYTES = 256 * 1024
const MOST_RECENT_BYTES = 256 * 1024
const HEARTBEAT = duration(15_000)

type Tellable = Extract<AppEvent, { readonly kind: EventKind }>

interface Told {
  readonly number: number
  readonly kind: EventKind
  readonly run: RunId | null
  /** The run that stands for the flow of that run. */
  readonly root: RunId | null
  readonly bytes: Uint8Array
}

interface Listener {
  readonly wanted: Wanted
  readonly controller: ReadableStreamDefaultController<Uint8Array>
  /** Ends the connection without sending what waits. */
  readonly drop: () => void
}

/** One stream of events for many listeners. It hears the app only while somebody listens to it. */
export class Events {
  readonly #app: App
  readonly #clock: Clock
  // Numbers begin again with each process: an id of another one must not look like one of ours.
  readonly #series = randomUUID().slice(0, 8)
  readonly #listeners = new Set<Listener>()
  #recent: Told[] = []
  #recentBytes = 0
  #number = 0
  #closed = false
  #stopHearing = (): void => {}
  #stopBeating = (): void => {}

  constructor(app: App, clock: Clock) {
    this.#app = app
    this.#clock = clock
  }

  /**
   * A stream of what is wanted, until its reader cancels it, falls behind or the whole closes. `drop` ends the connection
   * under the stream; without it the stream ends in an error.
   *
   * @throws RotaError TOO_MANY_LISTENERS
   */
  listen(wanted: Wanted, drop?: () => void): ReadableStream<Uint8Array> {
    if (this.#closed) throw new RotaError('STOPPED')
    if (this.#listeners.size >= MOST_LISTENERS) {
      throw new RotaError(
        'TOO_MANY_LISTENERS',
        `${MOST_LISTENERS} listeners are connected already; close some pages and ask again.`,
      )
    }
    let listener: Listener
    return new ReadableStream<Uint8Array>(
      {
        start: controller => {
          listener = { wanted, controller, drop: drop ?? (() => controller.error(new Error('fell behind'))) }
          this.#welcome(listener)
        },
        cancel: () => this.#leave(listener),
      },
      new ByteLengthQueuingStrategy({ highWaterMark: MOST_WAITING_BYTES }),
    )
  }

  /** Ends every stream, and takes no new listener. */
  close(): void {
    this.#closed = true
    for (const listener of this.#listeners) {
      this.#leave(listener)
      listener.controller.close()
    }
  }

  #welcome(listener: Listener): void {
    if (this.#listeners.size === 0) this.#begin()
    this.#listeners.add(listener)
    this.#give(listener, encoded('retry: 2000\n: welcome\n\n'))
    const { after } = listener.wanted
    if (after === undefined) return
    const missed = this.#since(after)
    if (missed === null) this.#give(listener, encoded('event: reset\ndata: {}\n\n'))
    else for (const told of missed) if (isFor(listener, told)) this.#give(listener, told.bytes)
  }

  #leave(listener: Listener): void {
    if (this.#listeners.delete(listener) && this.#listeners.size === 0) this.#rest()
  }

  #begin(): void {
    this.#stopHearing = this.#app.on(event => {
      // Notices are words of the process to its own log.
      if (event.kind !== 'notice') this.#tell(event)
    })
    this.#beatLater()
  }

  // What happens from here on is not kept: who comes back later is told to look afresh.
  #rest(): void {
    this.#stopHearing()
    this.#stopBeating()
    this.#recent = []
    this.#recentBytes = 0
  }

  // A connection that died without a word is noticed by writing to it; proxies keep one open that is written to.
  #beatLater(): void {
    this.#stopBeating = this.#clock.callAfter(HEARTBEAT, () => {
      for (const listener of this.#listeners) this.#give(listener, encoded(': still here\n\n'))
      if (this.#listeners.size > 0) this.#beatLater()
    })
  }

  #tell(event: Tellable): void {
    const data = toJson(dataOf(event))
    if (!('text' in data)) return
    const number = ++this.#number
    const bytes = encoded(`id: ${this.#series}-${number}\nevent: ${event.kind}\ndata: ${data.text}\n\n`)
    const root = event.kind === 'run' ? event.run.root : null
    const told: Told = { number, kind: event.kind, run: runOf(event), root, bytes }
    this.#keep(told)
    for (const listener of this.#listeners) if (isFor(listener, told)) this.#give(listener, told.bytes)
  }

  #keep(told: Told): void {
    this.#recent.push(told)
    this.#recentBytes += told.bytes.byteLength
    while (this.#recentBytes > MOST_RECENT_BYTES) this.#recentBytes -= this.#recent.shift()?.bytes.byteLength ?? 0
  }

  /** What was told after this id, or null when that can no longer be said. */
  #since(id: string): readonly Told[] | null {
    const [series, number] = id.split('-')
    const last = Number(number)
    const oldest = this.#recent[0]?.number ?? this.#number + 1
    if (series !== this.#series || !Number.isSafeInteger(last) || last < oldest - 1 || last > this.#number) return null
    return this.#recent.filter(told => told.number > last)
  }

  #give(listener: Listener, bytes: Uint8Array): void {
    if ((listener.controller.desiredSize ?? 0) >= bytes.byteLength) return listener.controller.enqueue(bytes)
    this.#leave(listener)
    listener.drop()
  }
}

const isFor = ({ wanted }: Listener, told: Told): boolean =>
  (wanted.kinds === undefined || wanted.kinds.includes(told.kind)) &&
  (wanted.run === undefined || wanted.run === told.run || wanted.run === told.root)

const encoder = new TextEncoder()
const encoded = (text: string): Uint8Array => encoder.encode(text)

const runOf = (event: Tellable): RunId | null => {
  switch (event.kind) {
    case 'run':
      return event.run.id
    case 'log':
    case 'progress':
      return event.run
    case 'health':
      return event.change.run
    case 'schedule':
    case 'trouble':
    case 'notice':
      return null
    default:
      return event satisfies never
  }
}

const dataOf = (event: Tellable): unknown => {
  switch (event.kind) {
    case 'run':
      return runOut(event.run)
    case 'log':
      return { run: event.run, lines: event.lines.map(toldLineOut) }
    case 'progress':
      return { run: event.run, progress: progressOut(event.progress) }
    case 'schedule':
      return { name: event.name, change: event.change }
    case 'health':
      return changeOut(event.change)
    case 'trouble':
      return { problems: event.problems }
    case 'notice':
      return { level: event.level, message: event.message }
    default:
      return event satisfies never
  }
}
