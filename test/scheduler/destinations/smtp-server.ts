/** The least of an SMTP server (RFC 5321) on loopback: takes mails, or refuses as it is told to. */

import { createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'

export interface SmtpServer extends AsyncDisposable {
  readonly url: string
  /** What came between DATA and the dot, undotted. */
  readonly mails: string[]
  /** MAIL FROM and RCPT TO, as they were said. */
  readonly envelopes: string[]
  /** Resolves when somebody is connected. */
  readonly connected: Promise<void>
}

export interface SmtpOptions {
  /** Answers to commands by their first word; the others are taken. */
  readonly answers?: Readonly<Record<string, string>>
  /** Says nothing at all. */
  readonly silent?: boolean
}

export const smtpServer = async ({ answers = {}, silent = false }: SmtpOptions = {}): Promise<SmtpServer> => {
  const mails: string[] = []
  const envelopes: string[] = []
  const sockets = new Set<Socket>()
  const connected = Promise.withResolvers<void>()
  const server = createServer(socket => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => {})
    connected.resolve()
    if (!silent) talk(socket, answers, mails, envelopes)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    mails,
    envelopes,
    connected: connected.promise,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

const talk = (
  socket: Socket,
  answers: Readonly<Record<string, string>>,
  mails: string[],
  envelopes: string[],
): void => {
  let read = ''
  let isData = false
  const say = (line: string): void => void socket.write(`${line}\r\n`)
  const command = (line: string): void => {
    const word = line.split(/[ :]/, 1)[0]?.toUpperCase() ?? ''
    if (word === 'MAIL' || word === 'RCPT') envelopes.push(line)
    const answer = answers[word] ?? { EHLO: '250 loopback', DATA: '354 go on', QUIT: '221 bye' }[word] ?? '250 ok'
    isData = answer.startsWith('354')
    say(answer)
    if (word === 'QUIT') socket.end()
  }
  say('220 loopback ESMTP')
  socket.on('data', chunk => {
    read += chunk.toString('latin1')
    for (;;) {
      const end = isData ? '\r\n.\r\n' : '\r\n'
      const at = read.indexOf(end)
      if (at < 0) return
      const part = read.slice(0, at)
      read = read.slice(at + end.length)
      if (!isData) command(part)
      else {
        isData = false
        mails.push(part.replaceAll('\r\n..', '\r\n.'))
        say(answers['.'] ?? '250 kept')
      }
    }
  })
}
