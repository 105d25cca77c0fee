/** Undoes Content-Encoding: a few layers, each bounded, so that a small body cannot become a huge one. */

import { promisify } from 'node:util'
import { brotliDecompress, gunzip, inflate, inflateRaw } from 'node:zlib'

const MOST_LAYERS = 2

/** Told to servers: what `unpack` can undo. */
export const acceptedEncodings = 'gzip, deflate, br'

export type Unpacked =
  | { readonly bytes: Uint8Array }
  | { readonly problem: 'too large' | 'broken' | 'unknown'; readonly detail: string }

/** The body as it was before it was encoded, at most `limit` bytes at each layer. */
export const unpack = async (body: Uint8Array, contentEncoding: string, limit: number): Promise<Unpacked> => {
  const layers = contentEncoding
    .slice(0, 1_000)
    .split(',')
    .map(layer => layer.trim().toLowerCase())
    .filter(layer => layer !== '' && layer !== 'identity')
  if (layers.length > MOST_LAYERS) {
    return {
      problem: 'too large',
      detail: `${layers.length} layers of Content-Encoding; at most ${MOST_LAYERS} are undone`,
    }
  }
  let bytes = body
  for (const layer of layers.toReversed()) {
    const undone = await undo(bytes, layer, limit)
    if ('problem' in undone) return undone
    bytes = undone.bytes
  }
  return { bytes }
}

const undo = async (bytes: Uint8Array, layer: string, limit: number): Promise<Unpacked> => {
  const work = layerWork(layer, bytes)
  if (work === undefined)
    return { problem: 'unknown', detail: `Content-Encoding '${layer.slice(0, 40)}' was not asked for` }
  // Some servers announce an encoding and send nothing at all.
  if (bytes.length === 0) return { bytes }
  try {
    return { bytes: await work(bytes, { maxOutputLength: limit }) }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') {
      return { problem: 'too large', detail: `more than ${limit} bytes once decompressed` }
    }
    return { problem: 'broken', detail: `the ${layer} body cannot be decompressed: ${(error as Error).message}` }
  }
}

type Work = (bytes: Uint8Array, options: { maxOutputLength: number }) => Promise<Uint8Array>

const layerWork = (layer: string, bytes: Uint8Array): Work | undefined => {
  switch (layer) {
    case 'gzip':
    case 'x-gzip':
      return promisify(gunzip)
    case 'br':
      return promisify(brotliDecompress)
    case 'deflate':
      // Meant is zlib; some servers send it bare. A zlib header names method 8 in its low half.
      return promisify((bytes[0] ?? 8) % 16 === 8 ? inflate : inflateRaw)
    default:
      return undefined
  }
}
