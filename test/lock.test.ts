import assert from 'node:assert/strict'
import test from 'node:test'
import { lockFaults } from '../scripts/lock.ts'

const manifest = { dependencies: { zod: '4.6.7' }, devDependencies: { oxlint: '1.89.0' } }
const well = {
  '': manifest,
  'node_modules/zod': { version: '4.6.7' },
  'node_modules/oxlint': {
    version: '1.89.0',
    optionalDependencies: { '@oxlint/linux': '1.89.0', '@oxlint/darwin': '1.89.0' },
  },
  'node_modules/@oxlint/linux': { version: '1.89.0' },
  'node_modules/oxlint/node_modules/@oxlint/darwin': { version: '1.89.0' },
}

test('a lock that works on every machine has no fault', () => {
  assert.deepEqual(lockFaults(manifest, { packages: well }), [])
})

test('a version that is not exact, or not the one of the lock, is a fault', () => {
  assert.deepEqual(lockFaults({ dependencies: { zod: '^4.6.7' } }, { packages: well }), [
    `zod is asked for as '^4.6.7', not as an exact version`,
    'zod ^4.6.7 is not what the lock was made for',
  ])
})

test('a binary for another machine that the lock does not hold is a fault', () => {
  const { 'node_modules/@oxlint/linux': _gone, ...rest } = well
  assert.deepEqual(lockFaults(manifest, { packages: rest }), ['oxlint may need @oxlint/linux, which has no entry'])
})

test('an address and an install script are faults', () => {
  const packages = {
    ...well,
    'node_modules/zod': { version: '4.6.7', resolved: 'https://packages.test/zod.tgz', hasInstallScript: true },
  }
  assert.deepEqual(lockFaults(manifest, { packages }), [
    'zod names the address it came from',
    'zod has an install script, which newer npm does not run',
  ])
})
