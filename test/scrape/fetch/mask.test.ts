import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isSecretName, maskText, maskUrl, withoutSecrets } from '../../../src/scrape/fetch/mask.ts'

test('credentials in an address are masked, all else stays as it was', () => {
  assert.equal(
    maskUrl(new URL('https://me:pw@example.org/a?q=x%20y&api_key=1&access_token=2&page=3#token=4')),
    'https://example.org/a?q=x+y&api_key=***&access_token=***&page=3',
  )
  assert.equal(maskUrl(new URL('https://example.org/a?q=x%20y')), 'https://example.org/a?q=x%20y')
  assert.equal(withoutSecrets(new URL('https://me@example.org/a?key=1&q=2#f')), 'https://example.org/a?q=2')
})

test('names of credentials are known in their usual spellings, and others are not', () => {
  for (const name of [
    'key',
    'apiKey',
    'API_KEY',
    'X-Api-Key',
    'access_token',
    'fb_exchange_token',
    'Authorization',
    'Cookie',
    'sig',
    'client_secret',
    'X-Auth-Token',
  ]) {
    assert.ok(isSecretName(name), name)
  }
  for (const name of ['q', 'monkey', 'keyword', 'page', 'author', 'design', 'cursor', 'accept', 'user-agent']) {
    assert.ok(!isSecretName(name), name)
  }
})

test('in a text addresses are masked, and secrets wherever they come up', () => {
  assert.equal(
    maskText('GET https://a:b@example.org/?token=abc failed (see http://x.test/?sig=9).'),
    'GET https://example.org/?token=*** failed (see http://x.test/?sig=***).',
  )
  assert.equal(maskText('invalid token abcd-1234', ['abcd-1234']), 'invalid token ***')
  assert.equal(maskText('https://['), 'https://[')
  assert.ok(maskText('x'.repeat(1e6)).length <= 500)
})
