/** The words of an element as who reads the page sees them: no scripts, a gap between blocks, spaces collapsed. */

import type { AnyNode, ParentNode } from 'domhandler'

const TEXT = 3
const UNSEEN = new Set(['script', 'style', 'template', 'noscript'])
const BLOCKS = new Set(
  (
    'address article aside blockquote br caption dd details div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 ' +
    'h5 h6 header hr li main nav ol option p pre section summary table tbody td tfoot th thead tr ul'
  ).split(' '),
)

/** The text of an element itself, whatever it is: of a script that is asked for by name, its source. */
export const textOf = (element: ParentNode): string => {
  const pieces: string[] = []
  gatherWithin(element, pieces)
  return pieces.join('').replaceAll(/\s+/g, ' ').trim()
}

const gatherWithin = (parent: ParentNode, pieces: string[]): void => {
  for (const child of parent.children) gather(child, pieces)
}

const gather = (node: AnyNode, pieces: string[]): void => {
  if (node.nodeType === TEXT) pieces.push(node.data)
  if (!('children' in node)) return
  const name = 'name' in node ? node.name : ''
  if (UNSEEN.has(name)) return
  const gap = BLOCKS.has(name) ? ' ' : ''
  pieces.push(gap)
  gatherWithin(node, pieces)
  pieces.push(gap)
}
