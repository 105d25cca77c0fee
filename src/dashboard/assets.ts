/** The files that pages load, as they lie in assets/: read once, named in a table, told apart by what is in them. */

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

interface Asset {
  readonly body: Uint8Array<ArrayBuffer>
  readonly type: string
  readonly tag: string
}

const SCRIPT = 'text/javascript; charset=utf-8'

const files: readonly (readonly [name: string, type: string])[] = [
  ['rota.css', 'text/css; charset=utf-8'],
  ['rota.svg', 'image/svg+xml'],
  ['theme.js', SCRIPT],
  ['page.js', SCRIPT],
  ['actions.js', SCRIPT],
  ['fresh.js', SCRIPT],
  ['marks.js', SCRIPT],
  ['show-times.js', SCRIPT],
  ['times.js', SCRIPT],
]

const read = (name: string, type: string): Asset => {
  const body = new Uint8Array(readFileSync(new URL(`./assets/${name}`, import.meta.url)))
  return { body, type, tag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 16)}"` }
}

/** Answers a request for one of the files, or undefined where there is none of this name. */
export const serveAssets = (): ((name: string, ifNoneMatch: string | undefined) => Response | undefined) => {
  const assets = new Map(files.map(([name, type]) => [name, read(name, type)]))
  return (name, ifNoneMatch) => {
    const asset = assets.get(name)
    if (asset === undefined) return undefined
    const headers = { ETag: asset.tag, 'Cache-Control': 'no-cache' }
    if (ifNoneMatch?.split(',').some(tag => tag.trim().replace(/^W\//, '') === asset.tag))
      return new Response(null, { status: 304, headers })
    return new Response(asset.body, { headers: { ...headers, 'Content-Type': asset.type } })
  }
}
