/**
 * What one request came to. Could-not-look is never nothing-there: whatever is not plainly an answer is an objection,
 * and says why.
 */

import { instant } from '../../base/instant.ts'
import type { Instant } from '../../base/instant.ts'
import type { Verdict } from '../../domain/unit.ts'
import type { Promised } from '../extract/reader.ts'
import { header } from './answer.ts'
import type { Answer } from './answer.ts'
import { readRetryAfter } from '../../base/retry-after.ts'
import type { Broken } from './transport.ts'
import { looksLikePage, wallIn } from './wall.ts'

/** What stands against using an answer. */
export interface Objection {
  readonly verdict: Exclude<Verdict, 'ok' | 'unchanged' | 'empty' | 'truncated'>
  readonly detail: string
  /** When to come back, where that was said. */
  readonly until?: Instant
}

export interface Circumstances {
  readonly promised: Promised
  /** Whether the request carried a credential. */
  readonly credentials: boolean
  /** Whether the request said what we have already. */
  readonly conditional: boolean
  readonly now: Instant
}

/** What is wrong with an answer, or null when it can be read. */
export const judgeAnswer = (answer: Answer, circumstances: Circumstances): Objection | null => {
  const { status } = answer
  if (status >= 500) return serverError(answer, circumstances)
  if (status >= 400) return clientError(answer, circumstances)
  if (status === 304)
    return circumstances.conditional ? null : objection('contract', '304, although nothing was known before')
  if (status >= 300) return objection('contract', `status ${status}`)
  return wrongKind(answer, circumstances)
}

/** What it means that no usable answer came. */
export const judgeBroken = (broken: Broken): Objection => {
  switch (broken.why) {
    case 'connection':
    case 'timeout':
      return objection('transient', broken.detail)
    case 'too large':
    case 'encoding':
    case 'redirect':
      return objection('contract', broken.detail)
    case 'address':
      return objection('not_measured', broken.detail)
    default:
      return broken.why satisfies never
  }
}

const objection = (verdict: Objection['verdict'], detail: string, until: Instant | null = null): Objection =>
  until === null ? { verdict, detail } : { verdict, detail, until }

const serverError = (answer: Answer, { now }: Circumstances): Objection => {
  const until = readRetryAfter(header(answer.headers, 'retry-after'), now)
  const wall = wallIn(answer)
  if (wall !== null && answer.status === 503) return objection('refused', `503, ${wall}`)
  if (answer.status === 503 && until !== null) return objection('rate_limited', 'status 503 with Retry-After', until)
  return objection('transient', `status ${answer.status}`)
}

const clientError = (answer: Answer, { credentials, promised, now }: Circumstances): Objection => {
  const { status } = answer
  switch (status) {
    case 401:
      return objection('auth', 'status 401: the credential is missing or was refused')
    case 403:
      return forbidden(answer, credentials, promised)
    case 408:
    case 425:
      return objection('transient', `status ${status}`)
    case 429:
      return objection('rate_limited', 'status 429', readRetryAfter(header(answer.headers, 'retry-after'), now))
    case 451:
      return objection('refused', 'status 451: unavailable for legal reasons')
    default:
      return objection('client', `status ${status}`)
  }
}

// A guard in front refuses everybody; the source itself refuses a credential, in the form it promised.
const forbidden = (answer: Answer, credentials: boolean, promised: Promised): Objection => {
  const wall = wallIn(answer)
  const foreign = promised === 'json' && looksLikePage(answer.text)
  if (credentials && wall === null && !foreign) return objection('auth', 'status 403: the credential may not do this')
  return objection('refused', wall === null ? 'status 403' : `status 403, ${wall}`)
}

const wrongKind = (answer: Answer, { promised, now }: Circumstances): Objection | null => {
  const wall = promised === 'anything' || promised === 'html' || looksLikePage(answer.text) ? wallIn(answer) : null
  if (wall !== null) return objection('refused', `${wall} instead of an answer (status ${answer.status})`)
  if (answer.status === 202 && (answer.bytes.length === 0 || looksLikePage(answer.text))) {
    return objection('refused', 'status 202: a challenge instead of an answer')
  }
  if (answer.status === 204 || answer.status === 205) return null
  if (promised === 'json') return notJson(answer, now)
  if (promised === 'feed' && looksLikePage(answer.text)) return objection('refused', 'a page where a feed was promised')
  return null
}

// Some sources say "slow down" in plain words and status 200 (GDELT does).
const SLOW_DOWN = ['rate limit', 'limit requests', 'too many requests', 'quota exceeded', 'slow down']
const POLITE_PAUSE_MS = 30_000

const notJson = (answer: Answer, now: Instant): Objection | null => {
  const start = answer.text.slice(0, 500).trimStart()
  if (start.startsWith('<')) return objection('refused', 'a page where JSON was promised')
  if (/^[[{"\d-]|^(true|false|null)\b/.test(start)) return null
  const words = start.toLowerCase()
  return SLOW_DOWN.some(sign => words.includes(sign))
    ? objection(
        'rate_limited',
        `plain words where JSON was promised: ${start.slice(0, 100)}`,
        instant(now + POLITE_PAUSE_MS),
      )
    : null
}
