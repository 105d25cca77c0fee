import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'

// Most of what it makes is garbage at once, and the space for it grows, where it may.
const program = `
  const { getHeapSpaceStatistics } = await import('node:v8')
  const { keepSmall } = await import('${new URL('../../src/cli/thrift.ts', import.meta.url).href}')
  if (process.argv[1] === 'small') keepSmall()
  const kept = []
  for (let i = 0; i < 2_000_000; i++) {
    const made = { i, list: [i] }
    if (i % 50 === 0) kept.push(made)
    if (kept.length > 20_000) kept.length = 0
  }
  console.log(getHeapSpaceStatistics().find(space => space.space_name === 'new_space').space_size)
`

const spaceOf = (how: string): number => {
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', program, how], {
    encoding: 'utf8',
  })
  // V8 says there which flags it does not know.
  assert.equal(stderr, '')
  return Number(stdout)
}

test('a process that keeps small has a small space for new objects, and V8 knows every flag', () => {
  const small = spaceOf('small')
  assert.ok(small > 0 && small <= spaceOf('as it comes') / 2, `${small} bytes`)
})
