/** The words of an element as who reads the page sees them: no scripts, a gap between blocks, spaces collapsed. */

/** What is looked at of a node of the tree. */
export interface TextNode {
  readonly type: string
  readonly data?: string
  readonly name?: string
  readonly children?: readonly TextNode[]
}

const UNSEEN = new Set(['script', 'style', 'template', 'noscript'])
const BLOCKS = new Set(
  (
    'address article aside blockquote br caption dd details div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 ' +
    'h5 h6 header hr li main nav ol option p pre section summary table tbody td tfoot th thead tr ul'
  ).split(' '),
)

/** The text of an element itself, whatever it is: of a script that is asked for by name, its source. */
export const textOf = (element: TextNode): string => {
  const pieces: string[] = []
  for (const child of element.children ?? []) gather(child, pieces)
  return pieces.join('').replaceAll(/\s+/g, ' ').trim()
}

const gather = (node: TextNode, pieces: string[]): void => {
  if (node.type === 'text') pieces.push(node.data ?? '')
  else if (node.children !== undefined && !UNSEEN.has(node.name ?? '')) {
    const gap = BLOCKS.has(node.name ?? '') ? ' ' : ''
    pieces.push(gap)
    for (const child of node.children) gather(child, pieces)
    pieces.push(gap)
  }
}
