/** Pages that stand in front of a source: challenges and block pages, whatever their status says. */

import type { Headers } from './answer.ts'
import { header } from './answer.ts'

const LOOKED_AT = 50_000
// Real pages may carry a guard's script or talk about guards; a page this small is nothing else.
const SMALL_PAGE = 20_000

const TITLES = [
  'just a moment...',
  'attention required! | cloudflare',
  'access denied',
  'access to this page has been denied',
  'are you a robot?',
  'bot verification',
  'captcha',
  'checking your browser',
  'ddos-guard',
  'human verification',
  'please verify you are a human',
  'pardon our interruption',
  'request blocked',
  'robot check',
  'security check',
  'sucuri website firewall',
  'verify you are human',
  '403 forbidden',
  'forbidden',
  'blocked',
] as const

const SIGNS = [
  ['cf_chl_opt', 'Cloudflare'],
  ['awswafintegration', 'AWS WAF'],
  ['awswafcookiedomainlist', 'AWS WAF'],
  ['incapsula incident id', 'Imperva'],
  ['captcha-delivery.com', 'DataDome'],
  ['px-captcha', 'HUMAN'],
  ['/_sec/cp_challenge/', 'Akamai'],
] as const

/** Which wall this answer is, in words, or null when it is none. */
export const wallIn = (answer: { readonly headers: Headers; readonly text: string }): string | null => {
  if (header(answer.headers, 'cf-mitigated').toLowerCase() === 'challenge') return 'a challenge by Cloudflare'
  if (header(answer.headers, 'x-amzn-waf-action') !== '') return 'a challenge by AWS WAF'
  const start = answer.text.slice(0, LOOKED_AT).toLowerCase()
  if (!start.includes('<')) return null
  const title = titleIn(start)
  if (TITLES.some(known => title === known)) return `a page titled '${title}'`
  if (answer.text.length > SMALL_PAGE) return null
  const sign = SIGNS.find(([text]) => start.includes(text))
  return sign === undefined ? null : `a challenge by ${sign[1]}`
}

/** Whether a text is a page rather than JSON or a feed. */
export const looksLikePage = (text: string): boolean => {
  const start = text.slice(0, 1_000).trimStart().toLowerCase()
  return ['<!doctype html', '<html', '<head', '<body', '<script', '<title'].some(sign => start.startsWith(sign))
}

const titleIn = (page: string): string => {
  const open = page.indexOf('<title')
  const start = open === -1 ? -1 : page.indexOf('>', open)
  const end = start === -1 ? -1 : page.indexOf('</title', start)
  return end === -1
    ? ''
    : page
        .slice(start + 1, end)
        .replace(/\s{1,999}/g, ' ')
        .trim()
        .slice(0, 100)
}
