/** From bytes to text: which charset a body is written in, by byte order mark, header, then what the body says of itself. */

import { TextDecoder } from 'node:util'

// The HTML standard looks at the first 1,024 bytes; real pages put scripts before their meta element.
const LOOKED_AT_BYTES = 4_096

const META = /<meta[^>]{0,300}charset\s{0,9}=\s{0,9}["']?\s{0,9}([\w.:-]{1,40})/i
const XML_DECLARATION = /^\s{0,99}<\?xml[^>]{0,200}encoding\s{0,9}=\s{0,9}["']([\w.:-]{1,40})/i
const HEADER = /charset\s{0,9}=\s{0,9}["']?([\w.:-]{1,40})/i

/**
 * The text of a body. A charset that does not exist counts as not given, and bytes that make no sense in theirs become
 * U+FFFD: text always comes out.
 *
 * @example decodeText(bytes, 'text/html; charset=euc-kr')
 */
export const decodeText = (bytes: Uint8Array, contentType: string): string =>
  (
    markedDecoder(bytes) ??
    decoderFor(HEADER.exec(contentType)?.[1]) ??
    declaredDecoder(bytes) ??
    new TextDecoder()
  ).decode(bytes)

const markedDecoder = (bytes: Uint8Array): TextDecoder | undefined => {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return new TextDecoder()
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be')
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le')
  return undefined
}

const declaredDecoder = (bytes: Uint8Array): TextDecoder | undefined => {
  const start = new TextDecoder('latin1').decode(bytes.subarray(0, LOOKED_AT_BYTES))
  const label = (XML_DECLARATION.exec(start) ?? META.exec(start))?.[1]
  // What could be read as ASCII to get here is not UTF-16, whatever it says (HTML standard, 13.2.3.2).
  return label?.toLowerCase().startsWith('utf-16') ? new TextDecoder() : decoderFor(label)
}

const decoderFor = (label: string | undefined): TextDecoder | undefined => {
  if (label === undefined) return undefined
  try {
    return new TextDecoder(label)
  } catch {
    return undefined
  }
}
