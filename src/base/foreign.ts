/** Text that others wrote, made safe to show: it can move no cursor, paint nothing, break no line and turn no direction. */

// Controls (C0 with ESC, DEL, C1), line and paragraph separators, bidi marks, half characters, and the byte order mark.
const HARMFUL = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Cs}\uFEFF]/gu

// What cutting leaves of a character that JavaScript counts as two.
const HALF_AT_END = /[\uD800-\uDBFF]$/

/**
 * The text on one line with every harmful character made visible: `␛` for ESC, `␊` for a new line, `�` for the others.
 * With `limit`, at most so many characters, the last one `…` where something was cut.
 *
 * @example neutral('\u001B[2Jnews') // '␛[2Jnews'
 */
export const neutral = (text: string, limit = Infinity): string => {
  const shown = text.length > limit ? `${text.slice(0, Math.max(limit - 1, 0)).replace(HALF_AT_END, '')}…` : text
  return shown.replace(HARMFUL, pictured)
}

// Unicode has pictures of the C0 controls at U+2400 in their order.
const pictured = (character: string): string => {
  const code = character.codePointAt(0) ?? 0
  if (code < 0x20) return String.fromCodePoint(0x24_00 + code)
  return code === 0x7f ? '␡' : '�'
}
