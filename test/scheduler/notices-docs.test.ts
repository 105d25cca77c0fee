/** docs/notices.md: its programs run, and what it says of signatures is so. */

import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { after, test } from 'node:test'
import { noticeKinds } from '../../src/domain/notice.ts'
import { signatureOf } from '../../src/scheduler/destinations/webhook.ts'

const page = await readFile(join(import.meta.dirname, '../../docs/notices.md'), 'utf8')
const programs = [...page.matchAll(/```ts\n(.*?)```/gs)].map(([, program = '']) => program)
const folder = await mkdtemp(join(tmpdir(), 'rota-docs-'))
after(async () => rm(folder, { recursive: true, force: true }))

const load = async (program: string): Promise<unknown> => {
  const path = join(folder, `program-${programs.indexOf(program)}.ts`)
  const door = new URL('../../src/index.ts', import.meta.url).href
  await writeFile(path, program.replace(`from 'rota'`, `from '${door}'`))
  return import(pathToFileURL(path).href)
}

test('the rules in docs/notices.md are rules', async () => {
  await load(programs[0] ?? assert.fail('no program'))
})

test('the check in docs/notices.md tells a genuine notice from any other', async () => {
  const program = programs.find(text => text.includes('isGenuine')) ?? assert.fail('no check')
  const { isGenuine } = (await load(program)) as {
    isGenuine: (secret: string, headers: Record<string, string>, body: string, now: number) => boolean
  }
  const now = 1_795_338_030_000
  const body = '{"id":"17-mi9zq4"}'
  const headers = { 'rota-timestamp': '1795338030', 'rota-signature': signatureOf('secret', '1795338030', body) }
  assert.ok(isGenuine('secret', headers, body, now))
  assert.ok(!isGenuine('other', headers, body, now))
  assert.ok(!isGenuine('secret', headers, `${body} `, now))
  assert.ok(!isGenuine('secret', headers, body, now + 301_000))
  assert.ok(!isGenuine('secret', { ...headers, 'rota-timestamp': '1795338031' }, body, now))
  assert.ok(!isGenuine('secret', {}, body, now))
})

test('docs/notices.md names everything that is told', () => {
  for (const kind of noticeKinds) assert.ok(page.includes(`| \`${kind}\``), kind)
})
