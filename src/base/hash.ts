/** Short hashes of text that are the same on every machine: to spread names, and to notice that a text is another one. */

/** FNV-1a, 32 bits (Fowler, Noll, Vo): spreads short names well. */
export const hash32 = (text: string): number => {
  let value = 0x81_1c_9d_c5
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01_00_01_93)
  return value >>> 0
}

/**
 * A fingerprint of 16 hexadecimal digits: the text forward and backward. Nobody is kept from finding two texts of the same; for
 * that, `node:crypto` takes almost 3 MB to load.
 */
export const fingerprint = (text: string): string => `${hex(hash32(text))}${hex(backward(text))}`

const backward = (text: string): number => {
  let value = 0x81_1c_9d_c5
  for (let i = text.length - 1; i >= 0; i--) value = Math.imul(value ^ text.charCodeAt(i), 0x01_00_01_93)
  return value >>> 0
}

const hex = (value: number): string => value.toString(16).padStart(8, '0')
