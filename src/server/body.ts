/** The body of a request: its type and size checked before it is read, then its JSON. */

import { RotaError } from '../base/errors.ts'
import type { Json } from '../base/json.ts'
import { readJson } from './json-text.ts'

const MOST_BYTES = 1_048_576

/**
 * What was sent, or undefined when nothing was.
 *
 * @throws RotaError MEDIA_TYPE_REFUSED, BODY_TOO_LARGE, JSON_INVALID
 */
export const readBody = async (request: Request): Promise<Json | undefined> => {
  const type = request.headers.get('content-type')
  if (type !== null && !isJson(type)) throw new RotaError('MEDIA_TYPE_REFUSED')
  if (Number(request.headers.get('content-length')) > MOST_BYTES) throw tooLarge()
  const bytes = await readBytes(request)
  if (bytes.byteLength === 0) return undefined
  if (type === null) throw new RotaError('MEDIA_TYPE_REFUSED', 'Say what the body is: Content-Type: application/json.')
  return readJson(decoded(bytes))
}

const isJson = (type: string): boolean => /^application\/json\s*(;\s*charset\s*=\s*"?utf-8"?\s*)?$/i.test(type.trim())

const tooLarge = (): RotaError =>
  new RotaError('BODY_TOO_LARGE', 'The body is larger than 1 MB.', { details: { most: MOST_BYTES } })

// The announced length may be missing or wrong: what arrives is counted as well.
const readBytes = async (request: Request): Promise<Uint8Array> => {
  const pieces: Uint8Array[] = []
  let length = 0
  for await (const piece of request.body ?? []) {
    length += piece.byteLength
    if (length > MOST_BYTES) throw tooLarge()
    pieces.push(piece)
  }
  return Buffer.concat(pieces)
}

const decoded = (bytes: Uint8Array): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw new RotaError('JSON_INVALID', 'The body is not UTF-8.', { cause })
  }
}
