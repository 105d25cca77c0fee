/** The demonstration as a user starts it: a process of its own, with its own data and ports, over a real socket. */

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const root = join(import.meta.dirname, '../..')
const PLATFORMS = 4
// A bound, not a measure.
const LONGEST_START_MS = 60_000

export interface Demonstration extends AsyncDisposable {
  /** Of its dashboard, as it printed it. */
  readonly url: string
}

/**
 * Starts it. `fixturesAt` is the place in the script of the fixtures API where it begins, `restSeconds` how long that API
 * asks to be left alone.
 */
export const startDemonstration = async (options: {
  readonly fixturesAt: number
  readonly restSeconds: number
}): Promise<Demonstration> => {
  const data = await mkdtemp(join(tmpdir(), 'rota-demonstration-'))
  await writeFile(join(data, 'stand-in.json'), JSON.stringify({ fixtures: options.fixturesAt }))
  const child = spawn(process.execPath, ['src/cli/main.ts', 'up', 'examples/platforms/rota.config.ts'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      // What it says is read here, and a test runner may ask for colours.
      FORCE_COLOR: undefined,
      NO_COLOR: '1',
      NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/node'),
      ROTA_PORT: '0',
      ROTA_DEMO_DATA: data,
      ROTA_DEMO_PORT: String(await freePorts(PLATFORMS)),
      ROTA_DEMO_REST: String(options.restSeconds),
    },
  })
  const exited = once(child, 'exit')
  let said = ''
  child.stderr.on('data', (piece: Buffer) => {
    said += piece.toString()
  })
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM')
    const [code] = await exited
    await rm(data, { recursive: true })
    assert.equal(code, 0, said)
  }
  const giveUp = setTimeout(() => child.kill('SIGKILL'), LONGEST_START_MS)
  try {
    for await (const line of createInterface(child.stdout)) {
      const url = /dashboard\s+(http:\S+)/.exec(line)?.[1]
      if (url !== undefined) return { url, [Symbol.asyncDispose]: stop }
    }
    throw new Error(`the demonstration did not start:\n${said}`)
  } finally {
    clearTimeout(giveUp)
    child.stdout.resume()
  }
}

/** The first of so many ports in a row that nobody uses. */
const freePorts = async (count: number): Promise<number> => {
  for (;;) {
    const first = await openedOn(0)
    const port = (first.address() as AddressInfo).port
    const others = await Promise.allSettled(Array.from({ length: count - 1 }, (_, index) => openedOn(port + 1 + index)))
    const opened = others.flatMap(other => (other.status === 'fulfilled' ? [other.value] : []))
    await Promise.all([first, ...opened].map(server => server.close() && once(server, 'close')))
    if (opened.length === count - 1) return port
  }
}

const openedOn = async (port: number): Promise<ReturnType<typeof createServer>> => {
  const server = createServer()
  await once(server.listen(port, '127.0.0.1'), 'listening')
  return server
}
