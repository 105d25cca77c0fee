/** The Link header (RFC 8288), as far as paging needs it. */

import { header } from './answer.ts'
import type { Answer } from './answer.ts'

const LONGEST = 10_000

/** The address of the next page as the Link header names it, absolute; null where it names none. */
export const nextLink = (answer: Answer): string | null => {
  const links = header(answer.headers, 'link').slice(0, LONGEST).split('<').slice(1)
  const next = links.find(isNext)
  if (next === undefined) return null
  const target = next.slice(0, next.indexOf('>'))
  return URL.canParse(target, answer.url) ? new URL(target, answer.url).href : null
}

// Each piece is `address>; rel="next"; …,`.
const isNext = (link: string): boolean => {
  const end = link.indexOf('>')
  if (end === -1) return false
  return link
    .slice(end + 1)
    .split(/[;,]/)
    .some(parameter => {
      const [name = '', value = ''] = parameter.trim().toLowerCase().split('=')
      return name.trim() === 'rel' && value.replaceAll('"', '').split(' ').includes('next')
    })
}
