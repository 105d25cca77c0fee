import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { api } from '../../src/server/api.ts'
import { plainApp } from './plain-app.ts'

const text = readFileSync(join(import.meta.dirname, '../../docs/api.md'), 'utf8')
const description = (await (await api(plainApp()).request('/api/v1/openapi.json')).json()) as {
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}

const written = new Set(
  [...text.matchAll(/`(GET|POST|DELETE) (\/[^`?]*)`/g)].map(([, method, path]) => `${method} ${path}`),
)
const real = new Set(
  Object.entries(description.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map(method => `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`),
  ),
)

test('docs/api.md names every address that there is, and none that there is not', () => {
  assert.deepEqual([...written].sort(), [...real].sort())
})

test('every curl in docs/api.md asks for an address that there is', () => {
  const asked = [...text.matchAll(/^curl [^\n]*?(?:-X (POST|DELETE) )?['"]?http:\/\/127\.0\.0\.1:4820(\/[^'"?\s]*)/gm)]
  assert.ok(asked.length >= 8)
  for (const [, method = 'GET', path = ''] of asked) {
    const known = [...real].some(one => {
      const [realMethod, realPath = ''] = one.split(' ')
      return realMethod === method && new RegExp(`^${realPath.replaceAll(/:\w+/g, '[^/]+')}$`).test(path)
    })
    assert.ok(known, `${method} ${path}`)
  }
})
