/** Notices as plain e-mails, through an SMTP server. It needs the package nodemailer, which is loaded at the first one. */

import { duration } from '../../base/duration.ts'
import { RotaError, asError } from '../../base/errors.ts'
import { neutral } from '../../base/foreign.ts'
import { formatInstant } from '../../base/instant.ts'
import { refuseUnknownOptions } from '../../base/options.ts'
import { headlineOf } from '../../domain/notice.ts'
import type { Notice } from '../../domain/notice.ts'
import { addressOf, destinationName } from './destination.ts'
import type { Destination, SendContext, Sent } from './destination.ts'

export interface EmailOptions {
  readonly from: string
  readonly to: string | readonly string[]
  /** Default: the host of the server. */
  readonly name?: string
}

/** What is called of nodemailer. */
interface Mailer {
  readonly createTransport: (options: Readonly<Record<string, unknown>>) => {
    sendMail(mail: Readonly<Record<string, unknown>>): Promise<unknown>
    close(): void
  }
}

const TIMEOUT = duration(30_000)
const LONGEST_SUBJECT = 120
const MOST_RECEIVERS = 50
// One receiver, as it stands in an envelope: no name, no comment, nothing that could begin a line.
const MAILBOX = /^[^\s@<>(),;:"\\\p{Cc}]{1,64}@[^\s@<>(),;:"\\\p{Cc}]{1,255}$/u

/**
 * A mailbox that gets notices. The address of the server says the rest: `smtps://user:password@mail.example.org`,
 * `smtp://localhost:25`.
 *
 * @throws RotaError OPTION_INVALID, NAME_INVALID
 * @example email(process.env['SMTP_URL'] ?? '', { from: 'rota@example.org', to: 'ops@example.org' })
 */
export const email = (server: string, options: EmailOptions): Destination => {
  const url = addressOf('E-mail', server, ['smtps:', 'smtp:'])
  refuseUnknownOptions('E-mail', options, ['from', 'to', 'name'])
  const from = mailbox('from', options.from)
  const given = typeof options.to === 'string' ? [options.to] : options.to
  if (!Array.isArray(given) || given.length === 0 || given.length > MOST_RECEIVERS)
    throw new RotaError('OPTION_INVALID', `'to' of an e-mail is an address, or 1 to ${MOST_RECEIVERS} of them.`)
  const to = given.map(one => mailbox('to', one))
  return {
    name: destinationName(options.name, url),
    timeout: TIMEOUT,
    send: async (notice, context) => send(url, mailOf(notice, from, to), context),
  }
}

const mailbox = (what: string, text: unknown): string => {
  if (typeof text === 'string' && MAILBOX.test(text)) return text
  const shown = neutral(String(text), 60)
  throw new RotaError('OPTION_INVALID', `'${what}' of an e-mail is '${shown}'; write it like ops@example.org.`)
}

const mailOf = (notice: Notice, from: string, to: readonly string[]): Readonly<Record<string, unknown>> => ({
  from,
  to,
  subject: neutral(`[Rota] ${headlineOf(notice)}`, LONGEST_SUBJECT),
  text: `${lines(notice).join('\n')}\n`,
  // The same each time it is sent: mail programs then show it once.
  messageId: `<rota-${notice.id}@${from.split('@')[1] ?? 'localhost'}>`,
  date: new Date(notice.at),
  headers: { 'Auto-Submitted': 'auto-generated', 'Rota-Id': notice.id },
  // Everything is given here; nothing is to be fetched for it.
  disableFileAccess: true,
  disableUrlAccess: true,
})

const lines = ({ text, kind, subject, run, at, id }: Notice): readonly string[] => [
  neutral(text),
  '',
  `${subject.kind}: ${subject.name}`,
  ...(run === null ? [] : [`run: ${run}`]),
  `what: ${kind}`,
  `when: ${formatInstant(at)}`,
  `id: ${id}`,
]

const send = async (url: URL, mail: Readonly<Record<string, unknown>>, { signal }: SendContext): Promise<Sent> => {
  const { createTransport } = await mailer()
  signal.throwIfAborted()
  const transport = createTransport({
    url: url.href,
    connectionTimeout: TIMEOUT,
    greetingTimeout: TIMEOUT,
    socketTimeout: TIMEOUT,
  })
  const close = (): void => transport.close()
  signal.addEventListener('abort', close, { once: true })
  try {
    await transport.sendMail(mail)
    return { kind: 'delivered' }
  } catch (error) {
    if (isRefusal(error)) return { kind: 'refused', why: asError(error).message }
    throw error
  } finally {
    signal.removeEventListener('abort', close)
    close()
  }
}

// The server understood, and will never take this mail (RFC 5321, 4.2.1). A wrong password can be mended.
const isRefusal = (error: unknown): boolean => {
  const { code, responseCode } = asError(error) as Error & { readonly code?: unknown; readonly responseCode?: unknown }
  return (code === 'EENVELOPE' || code === 'EMESSAGE') && typeof responseCode === 'number' && responseCode >= 500
}

const mailer = async (): Promise<Mailer> => {
  try {
    return await import('nodemailer')
  } catch (cause) {
    throw new RotaError('OPTION_INVALID', 'E-mail needs the package nodemailer: npm install nodemailer', { cause })
  }
}
