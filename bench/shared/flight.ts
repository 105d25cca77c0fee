/** A program that keeps so many runs of an app in flight, each that is over replaced by the next. */

import type { Workshop } from './program.ts'

/** What it says at its end. */
export interface Flight {
  readonly perSecond: number
  /** Of all its threads, for each run. */
  readonly cpuUs: number
}

/** The path of the program. Its arguments: a file, how many in flight, how many in all, and the durability. */
export const flightProgram = (workshop: Workshop): string =>
  workshop.write(
    'flight.js',
    `
    import { DatabaseSync } from 'node:sqlite'
    import { rota } from '${workshop.door()}'
    const [store, ...rest] = process.argv.slice(2)
    const [inFlight, total] = rest.map(Number)
    const app = rota({ store, concurrency: Math.max(inFlight, 100), durability: rest[2] })
    const task = app.task('nothing', () => {})
    await app.start()
    const recorded = () => {
      const database = new DatabaseSync(store, { readOnly: true })
      const { count } = database.prepare('SELECT count(*) AS count FROM runs WHERE ended_at IS NOT NULL').get()
      database.close()
      return count
    }
    const before = recorded()

    const fly = total => new Promise((resolve, reject) => {
      let begun = 0
      let over = 0
      const next = () => {
        if (begun++ < total) app.run(task).catch(reject)
      }
      const ignore = app.on(event => {
        if (event.kind !== 'run' || event.run.state !== 'succeeded') return
        next()
        if (++over < total) return
        ignore()
        resolve()
      })
      for (let i = 0; i < inFlight; i++) next()
    })

    // The first lives are compiled while they are lived.
    const first = Math.min(Math.ceil(total / 5), 10_000)
    await fly(first)
    const used = process.cpuUsage()
    const began = performance.now()
    await fly(total)
    const took = performance.now() - began
    const { user, system } = process.cpuUsage(used)
    const kept = recorded() - before
    if (kept !== first + total) throw new Error(kept + ' of ' + (first + total) + ' runs were recorded')
    console.log(JSON.stringify({ perSecond: total / (took / 1_000), cpuUs: (user + system) / total }))
    await app.stop()
    `,
  )
