import assert from 'node:assert/strict'
import test from 'node:test'
import { z } from 'zod'
import { isRotaError } from '../../src/base/errors.ts'
import { validate } from '../../src/base/schema.ts'
import type { Schema, SchemaIssue } from '../../src/base/schema.ts'

const refusing = (...issues: readonly SchemaIssue[]): Schema => ({
  '~standard': { version: 1, vendor: 'test', validate: () => ({ issues }) },
})

test('the value comes back as the schema gives it, defaults filled in', async () => {
  const schema = z.object({ pages: z.number().default(3) })
  assert.deepEqual(await validate(schema, {}), { pages: 3 })
})

test('each issue is told with its path', async () => {
  const schema = z.object({ from: z.object({ page: z.number() }), words: z.array(z.string()) })
  await assert.rejects(
    validate(schema, { from: { page: 'x' }, words: [1] }),
    error =>
      isRotaError(error, 'INPUT_INVALID') &&
      error.message.includes('from.page: ') &&
      error.message.includes('words.0: '),
  )
})

test('paths may be keys or objects with a key, and issues may have none', async () => {
  await assert.rejects(validate(refusing({ message: 'bad', path: [{ key: 'a' }, 0] }, { message: 'worse' }), null), {
    message: 'The input does not fit: a.0: bad; worse',
  })
})

test('of a thousand issues only the first are told', async () => {
  const issues = Array.from({ length: 1_000 }, (_, index) => ({ message: `issue ${index}` }))
  await assert.rejects(
    validate(refusing(...issues), null),
    error => isRotaError(error, 'INPUT_INVALID') && (error.details['issues'] as readonly string[]).length === 20,
  )
})
