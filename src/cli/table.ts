/** Aligned columns for a person: foreign text neutralised, long text cut, colours only where the caller gives them. */

import { neutral } from '../base/foreign.ts'

export interface Column {
  readonly title: string
  /** Numbers stand at the right. Default left. */
  readonly align?: 'left' | 'right'
  /** Longer text is cut. Default 60. */
  readonly widest?: number
  /** Never cut to make a line fit: half an instant or a number says something else. */
  readonly whole?: boolean
}

/** One cell: its text, and how it is coloured once it has been cut and padded. */
export type Cell = string | { readonly text: string; readonly paint: (text: string) => string }

const WIDEST = 60
const NARROWEST = 8
const GAP = '  '

/**
 * The rows under their titles, one line each. With `columns` (the width of the terminal) the widest columns give way until
 * a line fits.
 */
export const table = (
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  options: { readonly columns: number | null; readonly paintTitle: (text: string) => string },
): string => {
  const cells = rows.map(row => columns.map((column, i) => cut(textOf(row[i] ?? ''), column.widest ?? WIDEST)))
  const natural = columns.map((column, i) =>
    Math.max(widthOf(column.title), ...cells.map(row => widthOf(row[i] ?? ''))),
  )
  const widths = options.columns === null ? natural : fitted(natural, columns, options.columns)
  const title = columns.map(column => ({ text: column.title.toUpperCase(), paint: options.paintTitle }))
  const line = (row: readonly Cell[]): string => {
    const shown = columns.map((column, i) => padded(row[i] ?? '', widths[i] ?? 0, column.align ?? 'left'))
    return `${shown.join(GAP).trimEnd()}\n`
  }
  return [title, ...rows].map(line).join('')
}

const textOf = (cell: Cell): string => neutral(typeof cell === 'string' ? cell : cell.text, 1_000)

const padded = (cell: Cell, width: number, align: 'left' | 'right'): string => {
  const text = cut(textOf(cell), width)
  const space = ' '.repeat(Math.max(width - widthOf(text), 0))
  const painted = typeof cell === 'string' || text === '' ? text : cell.paint(text)
  return align === 'right' ? space + painted : painted + space
}

// The widest column loses a character, again and again: short columns stay whole.
const fitted = (natural: readonly number[], columns: readonly Column[], lineWidth: number): readonly number[] => {
  const widths = [...natural]
  const room = lineWidth - GAP.length * (natural.length - 1)
  for (let over = widths.reduce((sum, width) => sum + width, 0) - room; over > 0; over--) {
    const mayGive = widths.map((width, i) => (columns[i]?.whole ? 0 : width))
    const widest = Math.max(...mayGive)
    if (widest <= NARROWEST) break
    widths[mayGive.indexOf(widest)] = widest - 1
  }
  return widths
}

/** The text in at most `width` columns, the last one `…` where something was cut. */
export const cut = (text: string, width: number): string => {
  if (widthOf(text) <= width) return text
  let used = 0
  let kept = ''
  for (const character of text) {
    used += widthOf(character)
    if (used > width - 1) break
    kept += character
  }
  return `${kept}…`
}

// Twice as wide on a terminal: East Asian wide and full-width characters, and pictures (Unicode Standard Annex 11).
const WIDE =
  /[\u1100-\u115F\u2E80-\u303E\u3041-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6\u{20000}-\u{3FFFD}]|\p{Emoji_Presentation}/u
// Drawn onto the character before it, or not at all.
const NO_WIDTH = /\p{Mn}|\p{Me}|\p{Cf}/u

/** How many columns of a terminal the text takes. */
export const widthOf = (text: string): number => {
  if (/^[\u0020-\u007E]*$/.test(text)) return text.length
  let width = 0
  for (const character of text) width += WIDE.test(character) ? 2 : NO_WIDTH.test(character) ? 0 : 1
  return width
}
