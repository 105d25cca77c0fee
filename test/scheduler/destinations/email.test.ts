/** E-mails against a real SMTP server on loopback: what arrives, and what each of its answers means. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { isRotaError } from '../../../src/base/errors.ts'
import { parseInstant } from '../../../src/base/instant.ts'
import type { RunId } from '../../../src/base/name.ts'
import type { Notice } from '../../../src/domain/notice.ts'
import type { Sent } from '../../../src/scheduler/destinations/destination.ts'
import { email } from '../../../src/scheduler/destinations/email.ts'
import type { EmailOptions } from '../../../src/scheduler/destinations/email.ts'
import { sendTo } from '../../../src/scheduler/outbox.ts'
import { VirtualClock } from '../../../src/testing/virtual-clock.ts'
import { smtpServer } from './smtp-server.ts'
import type { SmtpOptions } from './smtp-server.ts'

const NOW = parseInstant('2026-11-22T09:00:30Z')

const notice: Notice = {
  id: '17-mi9zq4',
  kind: 'failed',
  subject: { kind: 'schedule', name: 'news' },
  run: 1042 as RunId,
  at: parseInstant('2026-11-22T09:00:05Z'),
  text: "'news' failed: Error: no answer (run 1042, attempt 3 of 3)",
}

const addresses: EmailOptions = { from: 'rota@example.org', to: ['ops@example.org', 'boss@example.org'] }

const sendBy = (url: string, what = notice, clock = new VirtualClock(NOW)): Promise<Sent> =>
  sendTo(email(url, addresses), what, clock, new AbortController().signal)

/** What came of sending to a server like this. */
const sentTo = async (options: SmtpOptions): Promise<Sent> => {
  await using server = await smtpServer(options)
  return await sendBy(server.url)
}

const partsOf = (mail: string): { readonly head: string; readonly body: string } => {
  const at = mail.indexOf('\r\n\r\n')
  return { head: mail.slice(0, at), body: mail.slice(at + 4) }
}

describe('an e-mail', () => {
  test('arrives as plain text with a short subject, and an id that stays', async () => {
    await using server = await smtpServer()
    assert.deepEqual(await sendBy(server.url), { kind: 'delivered' })
    assert.deepEqual(await sendBy(server.url), { kind: 'delivered' })
    assert.deepEqual(
      server.envelopes.slice(0, 3).map(line => line.replace(/ BODY=.*/, '')),
      ['MAIL FROM:<rota@example.org>', 'RCPT TO:<ops@example.org>', 'RCPT TO:<boss@example.org>'],
    )
    const { head, body } = partsOf(server.mails[0] ?? '')
    assert.match(head, /^Subject: \[Rota\] 'news' failed\r$/m)
    assert.match(head, /^Content-Type: text\/plain; charset=utf-8(\r|$)/m)
    assert.match(head, /^Auto-Submitted: auto-generated\r$/m)
    assert.match(
      body,
      /^'news' failed: Error: no answer \(run 1042, attempt 3 of 3\)\r\n\r\nschedule: news\r\nrun: 1042\r\n/,
    )
    const ids = server.mails.map(mail => /^Message-ID: (.*)\r$/m.exec(mail)?.[1])
    assert.deepEqual(ids, ['<rota-17-mi9zq4@example.org>', '<rota-17-mi9zq4@example.org>'])
  })

  test('carries no header, line or mail that somebody put into a message', async () => {
    await using server = await smtpServer()
    const harm = 'x\r\nBcc: all@example.org\r\n\r\nhello\r\n.\r\nMAIL FROM:<evil@example.org>\r\n\u001B[2J'
    const harmful: Notice = { ...notice, subject: { kind: 'schedule', name: harm }, text: `${harm}: ${harm}` }
    assert.deepEqual(await sendBy(server.url, harmful), { kind: 'delivered' })
    assert.equal(server.mails.length, 1)
    assert.equal(server.envelopes.length, 3)
    const { head } = partsOf(server.mails[0] ?? '')
    const names = head
      .replaceAll(/\r\n[ \t]/g, ' ')
      .split('\r\n')
      .map(line => line.split(':')[0]?.toLowerCase())
    assert.deepEqual(
      names.filter(name => name === 'bcc' || name === 'to' || name === 'subject'),
      ['to', 'subject'],
    )
  })

  test('of a long message has a bounded subject', async () => {
    await using server = await smtpServer()
    await sendBy(server.url, { ...notice, text: 'y'.repeat(5_000) })
    const subject =
      partsOf(server.mails[0] ?? '')
        .head.replaceAll(/\r\n[ \t]/g, ' ')
        .match(/^Subject: (.*)$/m)?.[1] ?? ''
    assert.ok(subject.length > 50 && subject.length < 400, subject)
    assert.ok(!subject.includes('y'.repeat(121)))
  })

  test('that the server will never take is refused; what may be mended is tried again', async () => {
    for (const answers of [{ RCPT: '550 no such user' }, { MAIL: '553 not from you' }, { '.': '554 spam' }]) {
      const sent = await sentTo({ answers })
      assert.equal(sent.kind, 'refused', JSON.stringify(answers))
    }
    await assert.rejects(sentTo({ answers: { RCPT: '451 later' } }), /451/)
    await assert.rejects(sentTo({ answers: { EHLO: '421 too many', HELO: '421 too many' } }), /421/)
  })

  test('to a server that is not there, or says nothing, failed', async () => {
    const gone = await smtpServer()
    await gone[Symbol.asyncDispose]()
    await assert.rejects(sendBy(gone.url), /ECONNREFUSED/)
    await using silent = await smtpServer({ silent: true })
    const clock = new VirtualClock(NOW)
    const failed = assert.rejects(sendBy(silent.url, notice, clock), /no answer within 30s/)
    await silent.connected
    await clock.advance('30 s')
    await failed
  })
})

describe('declaring an e-mail', () => {
  test('refuses what cannot work, and repeats no password', () => {
    for (const [server, options] of [
      ['mail.example.org', addresses],
      ['http://user:s3cret@mail.example.org', addresses],
      ['smtp://mail.example.org', { ...addresses, to: [] }],
      ['smtp://mail.example.org', { ...addresses, to: 'ops' }],
      ['smtp://mail.example.org', { ...addresses, to: 'ops@example.org, all@example.org' }],
      ['smtp://mail.example.org', { ...addresses, to: 'ops@example.org\r\nBcc: all@example.org' }],
      ['smtp://mail.example.org', { ...addresses, from: 'Rota <rota@example.org>' }],
      ['smtp://mail.example.org', { ...addresses, cc: 'x@example.org' }],
    ] as const) {
      assert.throws(
        () => email(server, options as EmailOptions),
        error => isRotaError(error, 'OPTION_INVALID') && !error.message.includes('s3cret'),
      )
    }
  })
})
