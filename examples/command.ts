/** Commands: any program is a task. Its lines are log lines, its exit code is the outcome, what it prints may be the result. */

import { command, rota } from '../src/index.ts' // in a program of your own: from 'rota'

await using app = rota({ store: ':memory:' })

// Stands for pg_dump, yt-dlp, a script in Python … No shell reads the arguments.
const program = (text: string): readonly string[] => [process.execPath, '-e', text]

app.task('counts', command({ argv: program('console.log("one"); console.error("two"); console.log("three")') }))
app.task(
  'doubles',
  command<{ n: number }>({
    argv: ({ input }) => [
      ...program('console.log(JSON.stringify({ n: Number(process.argv[1]) * 2 }))'),
      String(input.n),
    ],
    result: 'json',
  }),
)
app.task('fails', command({ argv: program('console.error("disk full"); process.exit(3)') }))
app.task('hangs', command({ argv: program('setInterval(() => {}, 1000)') }), { timeout: '300 ms' })

await app.start()
for (const [task, input] of [['counts'], ['doubles', { n: 21 }], ['fails'], ['hangs']] as const) {
  const { id } = await app.run(task, { input: input ?? null })
  const run = await app.runs.finished(id)
  console.log(`${task} ${run.state}: ${run.error?.message ?? JSON.stringify(run.result)}`)
  if (task !== 'counts') continue
  const lines = (await app.runs.logs(id, 0, 10)).map(line => `${line.level} ${line.message}`)
  console.log(`It said: ${lines.sort().join(', ')}.`)
}
