/** docs/testing.md: its programs run, and it names all that a simulation tells. */

import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { after, test } from 'node:test'
import { rota } from '../../src/rota.ts'
import { simulate } from '../../src/testing/simulate.ts'

const page = await readFile(join(import.meta.dirname, '../../docs/testing.md'), 'utf8')
const folder = await mkdtemp(join(tmpdir(), 'rota-docs-'))
after(async () => rm(folder, { recursive: true, force: true }))

const doors: Readonly<Record<string, string>> = {
  rota: '../../src/index.ts',
  'rota/testing': '../../src/testing/index.ts',
}

const withPaths = (program: string): string =>
  program.replace(/from '(rota(?:\/testing)?)'/g, (_, door: string) => {
    const path = new URL(doors[door] ?? '', import.meta.url)
    return `from '${path.href}'`
  })

test('every program in docs/testing.md runs', async () => {
  const programs = [...page.matchAll(/```ts\n(.*?)```/gs)].map(([, program = '']) => program)
  assert.equal(programs.length, 3)
  for (const [i, program] of programs.entries()) {
    const path = join(folder, `program-${i}.ts`)
    await writeFile(path, withPaths(program))
    await import(pathToFileURL(path).href)
  }
})

test('docs/testing.md names every field of a simulation', async () => {
  const app = rota()
  const task = app.task('work', () => null)
  app.schedule('a', { task, when: 'hourly' })
  app.schedule('b', { task, when: 'hourly' })
  const day = await simulate(app, { from: '2026-01-05T00:00:00Z', for: '1 day' })
  const rows = [
    day,
    day.schedules[0],
    day.tasks[0],
    day.collisions[0],
    day.busiestMinute,
    day.mostAtOnce,
    day.timeline[0],
  ]
  for (const row of rows) {
    for (const field of Object.keys(row ?? assert.fail('nothing to name'))) {
      assert.ok(page.includes(`\`${field}\``), field)
    }
  }
})
