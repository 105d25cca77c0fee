/** Limits: two runs of a host at once, in a queue of three; what waits says what for, and the urgent one comes first. */

import { rota } from '../src/index.ts' // in a program of your own: from 'rota'

await using app = rota({ store: ':memory:', queues: { pages: { concurrency: 3 } } })

interface Page {
  readonly host: string
  readonly page: number
}

// Each page takes until it is let go.
const atWork = new Map<string, () => void>()
const fetchPage = app.task<Page, null>(
  'fetch',
  async ({ input: { host, page } }) => {
    console.log(`${host}/${page} starts.`)
    await new Promise<void>(resolve => atWork.set(`${host}/${page}`, resolve))
    return null
  },
  { queue: 'pages', limits: { key: ({ host }) => host, perKey: 2 } },
)

const started = (count: number): Promise<void> =>
  new Promise(resolve => {
    const stopListening = app.on(event => {
      if (event.kind !== 'run' || event.run.state !== 'running' || --count > 0) return
      stopListening()
      resolve()
    })
  })

await app.start()
const three = started(3)
for (const page of [1, 2, 3]) await app.run(fetchPage, { input: { host: 'example.org', page } })
await app.run(fetchPage, { input: { host: 'example.com', page: 1 } })
await three

await app.run(fetchPage, { input: { host: 'example.com', page: 2 }, priority: 9 })
for (const { id } of await app.runs.list({ states: ['queued'], limit: 10 })) {
  const { run, waiting } = await app.runs.get(id)
  console.log(`Run ${run.id} ${waiting}.`)
}

for (const page of ['example.org/1', 'example.com/2', 'example.org/2', 'example.com/1', 'example.org/3']) {
  const next = started(1)
  atWork.get(page)?.()
  if (atWork.size < 5) await next
}
