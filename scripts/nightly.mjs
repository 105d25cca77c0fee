/**
 * What takes too long for every change: each file of test/nightly, one after the other. With words, as in
 * `npm run nightly -- every-date`, only the files whose name holds one of them.
 */

import { spawnSync } from 'node:child_process'
import { globSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const folder = join(dirname(dirname(fileURLToPath(import.meta.url))), 'test/nightly')
const lightTests = new URL('light-tests.mjs', import.meta.url).href
const words = process.argv.slice(2)

const files = globSync('*.ts', { cwd: folder })
  .filter(file => words.length === 0 || words.some(word => basename(file).includes(word)))
  .sort()

if (files.length === 0) console.error(`No file of test/nightly is called so: ${words.join(' ')}`)
const failed = files.filter(file => {
  const args = ['--test', '--test-reporter=spec', '--import', lightTests, join(folder, file)]
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' })
  return status !== 0
})
process.exitCode = failed.length > 0 || files.length === 0 ? 1 : 0
