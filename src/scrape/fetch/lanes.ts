/** How many requests one host gets at a time, counted over everything that this process asks. First come, first served. */

export class HostLanes {
  readonly #lanes = new Map<string, Lane>()

  /** Waits for a place at the host, of which there are `most`; gives what frees it again. */
  async enter(host: string, most: number, signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted()
    const lane = this.#lanes.get(host) ?? { inside: 0, waiting: [] }
    this.#lanes.set(host, lane)
    if (lane.waiting.length > 0 || lane.inside >= most) await queue(lane, most, signal)
    else lane.inside++
    return once(() => this.#leave(host, lane))
  }

  #leave(host: string, lane: Lane): void {
    lane.inside--
    admit(lane)
    if (lane.inside === 0 && lane.waiting.length === 0) this.#lanes.delete(host)
  }
}

interface Lane {
  inside: number
  readonly waiting: Waiting[]
}

interface Waiting {
  readonly most: number
  readonly admit: () => void
}

const queue = (lane: Lane, most: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const giveUp = (): void => {
      lane.waiting.splice(lane.waiting.indexOf(waiting), 1)
      // Whoever stood behind may need fewer free places.
      admit(lane)
      reject(signal.reason as Error)
    }
    const waiting: Waiting = {
      most,
      admit: () => {
        signal.removeEventListener('abort', giveUp)
        resolve()
      },
    }
    lane.waiting.push(waiting)
    signal.addEventListener('abort', giveUp, { once: true })
  })

const admit = (lane: Lane): void => {
  for (let first = lane.waiting[0]; first !== undefined && lane.inside < first.most; first = lane.waiting[0]) {
    lane.waiting.shift()
    lane.inside++
    first.admit()
  }
}

const once = (work: () => void): (() => void) => {
  let done = false
  return () => {
    if (done) return
    done = true
    work()
  }
}

/** The lanes of this process: sources that ask one host share them, whatever run they are part of. */
export const processLanes = new HostLanes()
