import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isRotaError } from '../../../src/base/errors.ts'
import { askFrom, hasCredentials } from '../../../src/scrape/fetch/request.ts'
import type { Request } from '../../../src/scrape/fetch/request.ts'

test('what cannot be asked is refused, and never repeats a credential', () => {
  const wrong: readonly (Request | string)[] = [
    'file:///etc/passwd',
    'data:text/html,x',
    'javascript:alert(1)',
    'ftp://example.org/',
    'example.org',
    '',
    { url: 'https://example.org', method: 'GET\r\nHost: evil' },
    { url: 'https://example.org', method: 'CONNECT' },
    { url: 'https://example.org', method: 'GET', body: 'x' },
    { url: 'https://example.org', headers: { 'x y': '1' } },
    { url: 'https://example.org', headers: { x: '1\r\nHost: evil' } },
    { url: 'https://example.org', headers: { Host: 'evil' } },
    { url: 'https://example.org', headers: { 'Content-Length': '5' } },
    { url: 'https://example.org', headers: { x: 1 } as never },
  ]
  for (const request of wrong) {
    assert.throws(
      () => askFrom(request, 'rota'),
      error => isRotaError(error, 'OPTION_INVALID'),
      JSON.stringify(request),
    )
  }
  assert.throws(
    () => askFrom('htps://me:s3cret@example.org/?token=s3cret', 'rota'),
    error => !String(error).includes('s3cret'),
  )
})

test('credentials of a request are known', () => {
  assert.ok(hasCredentials(askFrom('https://a:b@example.org/', 'rota')))
  assert.ok(hasCredentials(askFrom('https://example.org/?api_key=abcdef', 'rota')))
  assert.ok(
    hasCredentials(askFrom({ url: 'https://example.org/', headers: { Authorization: 'Bearer abcdef' } }, 'rota')),
  )
  assert.ok(!hasCredentials(askFrom({ url: 'https://example.org/?q=1', headers: { accept: 'text/html' } }, 'rota')))
})

test('user and password that are badly written are still sent as they stand', () => {
  assert.equal(askFrom('https://100%25:%@example.org/', 'rota').headers['authorization'], `Basic ${btoa('100%:%')}`)
})
