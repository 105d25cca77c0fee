/**
 * Asks, and asks again where that makes sense: the policy on top of the transport. One per source and run.
 *
 * A request is one or more hops (redirects). Each hop waits for its place at the host and leaves hosts alone that asked
 * for it. What an answer means is decided by `judge`, what follows by `tries`; here is only the doing.
 */

import type { Clock } from '../../base/clock.ts'
import { asError } from '../../base/errors.ts'
import { formatDuration } from '../../base/duration.ts'
import type { Duration } from '../../base/duration.ts'
import { formatInstant } from '../../base/instant.ts'
import type { Instant } from '../../base/instant.ts'
import type { Log } from '../../base/log.ts'
import type { Records } from '../../domain/task.ts'
import type { Promised } from '../extract/reader.ts'
import { Answer } from './answer.ts'
import { within } from './deadline.ts'
import { judgeAnswer, judgeBroken } from './judge.ts'
import type { Objection } from './judge.ts'
import type { HostLanes } from './lanes.ts'
import { maskText, maskUrl, withoutSecrets } from './mask.ts'
import { conditions } from './memory.ts'
import type { AnswerMemory } from './memory.ts'
import { isRedirect, redirected } from './redirect.ts'
import { hasCredentials } from './request.ts'
import type { Ask } from './request.ts'
import type { Broken, Reply, Transport } from './transport.ts'
import { nextTry, noTries, pauseWithoutWord } from './tries.ts'
import type { Tries } from './tries.ts'

/** What asking came to. */
export type Fetched =
  | { readonly kind: 'answered'; readonly answer: Answer; readonly unchanged: boolean }
  | { readonly kind: 'refused'; readonly objection: Objection }

export interface FetchLimits {
  readonly timeout: Duration
  readonly bytes: number
  readonly tries: number
  readonly redirects: number
  readonly concurrency: number
}

/** What a fetcher works with. */
export interface FetchTools {
  readonly transport: Transport
  readonly lanes: HostLanes
  readonly memory: AnswerMemory
  readonly records: Pick<Records, 'hostHeldUntil' | 'holdHost'>
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
  readonly limits: FetchLimits
  /** When the run must be over. */
  readonly deadline: Instant | null
  readonly random: () => number
}

/** Says what a source itself thinks of an answer. */
export type OwnJudge = (answer: Answer) => Objection | undefined

export class Fetcher {
  readonly #tools: FetchTools
  readonly #judge: OwnJudge

  constructor(tools: FetchTools, judge: OwnJudge = () => undefined) {
    this.#tools = tools
    this.#judge = judge
  }

  /** Asks until there is an answer or no sense in asking. `sent` is called for each request that goes out. */
  async fetch(ask: Ask, promised: Promised, sent: () => void): Promise<Fetched> {
    const { clock, limits, deadline, random, signal, log } = this.#tools
    for (let tries = noTries; ;) {
      const fetched = await this.#once(ask, promised, tries, sent)
      if (fetched.kind === 'answered') return fetched
      const next = nextTry(tries, fetched.objection, { tries: limits.tries, deadline }, clock.now(), random)
      if (next.kind === 'end') return described(fetched.objection, ask, tries)
      log.debug('asking again', {
        url: maskUrl(ask.url),
        why: maskText(fetched.objection.detail, ask.secrets),
        at: formatInstant(next.at),
      })
      await clock.sleepUntil(next.at, signal)
      tries = next.tries
    }
  }

  /** Remembers an answer that could be read, so that next time it need not be sent again. */
  remember(ask: Ask, answer: Answer): void {
    this.#tools.memory.keep(ask, answer)
  }

  async #once(ask: Ask, promised: Promised, tries: Tries, sent: () => void): Promise<Fetched> {
    const { memory } = this.#tools
    const known = memory.recall(ask)
    const first = known === undefined ? ask : { ...ask, headers: { ...ask.headers, ...conditions(known) } }
    const asking = { promised, credentials: hasCredentials(ask), conditional: known !== undefined, tries, sent }
    const outcome = await this.#hops(first, asking)
    switch (outcome.kind) {
      case 'held':
        return { kind: 'refused', objection: held(outcome.host, outcome.until) }
      case 'broken':
        return { kind: 'refused', objection: judgeBroken(outcome) }
      case 'answered':
        if (outcome.objection !== null) return { kind: 'refused', objection: outcome.objection }
        return outcome.answer.status === 304 && known !== undefined
          ? { kind: 'answered', answer: memory.unpacked(known), unchanged: true }
          : { kind: 'answered', answer: outcome.answer, unchanged: false }
      default:
        return outcome satisfies never
    }
  }

  async #hops(first: Ask, asking: Asking): Promise<Outcome> {
    const { limits } = this.#tools
    let ask = first
    for (let hop = 0; ; hop++) {
      const outcome = await this.#hop(ask, asking)
      if (outcome.kind !== 'answered' || !isRedirect(outcome.answer.status)) return outcome
      const next = redirected(ask, outcome.answer.status, outcome.answer.headers)
      if ('refused' in next) return unusable(next.refused)
      if (hop === limits.redirects) return unusable(`more than ${limits.redirects} redirects`)
      ask = next.ask
    }
  }

  // A wish to be left alone is recorded before the next one may enter.
  async #hop(ask: Ask, asking: Asking): Promise<Outcome> {
    const { clock, lanes, records, signal, limits } = this.#tools
    const { host } = ask.url
    const leave = await lanes.enter(host, limits.concurrency, signal)
    try {
      const until = await records.hostHeldUntil(host)
      if (until !== null && until > clock.now()) return { kind: 'held', host, until }
      asking.sent()
      const reply = await this.#send(ask)
      if (reply.kind === 'broken') return reply
      const answer = new Answer({ ...reply, url: withoutSecrets(ask.url) })
      const objection = isRedirect(answer.status) ? null : this.#judged(answer, asking)
      return { kind: 'answered', answer, objection: await this.#heeded(ask, objection, asking.tries) }
    } finally {
      leave()
    }
  }

  #send(ask: Ask): Promise<Reply | Broken> {
    const { transport, clock, signal, limits } = this.#tools
    const detail = `no answer within ${formatDuration(limits.timeout)}`
    const late: Broken = { kind: 'broken', why: 'timeout', detail }
    return within(clock, limits.timeout, signal, inner => transport.send(ask, limits.bytes, inner), late)
  }

  #judged(answer: Answer, asking: Asking): Objection | null {
    const objection = judgeAnswer(answer, { ...asking, now: this.#tools.clock.now() })
    if (objection !== null || answer.status === 304) return objection
    try {
      return this.#judge(answer) ?? null
    } catch (error) {
      return { verdict: 'contract', detail: `the source's own judge failed: ${asError(error).message}` }
    }
  }

  // Who is told to wait tells everybody who asks the same host, in this process and after it.
  async #heeded(ask: Ask, objection: Objection | null, tries: Tries): Promise<Objection | null> {
    if (objection?.verdict !== 'rate_limited') return objection
    const { clock, records } = this.#tools
    const until = objection.until ?? pauseWithoutWord(tries, clock.now())
    await records.holdHost(ask.url.host, until, maskText(objection.detail, ask.secrets))
    return { ...objection, until }
  }
}

/** One request on its way through its hops. */
interface Asking {
  readonly promised: Promised
  readonly credentials: boolean
  readonly conditional: boolean
  readonly tries: Tries
  readonly sent: () => void
}

type Outcome =
  | { readonly kind: 'answered'; readonly answer: Answer; readonly objection: Objection | null }
  | { readonly kind: 'held'; readonly host: string; readonly until: Instant }
  | Broken

const unusable = (detail: string): Broken => ({ kind: 'broken', why: 'redirect', detail })

const held = (host: string, until: Instant): Objection => ({
  verdict: 'rate_limited',
  detail: `${host} asked to be left alone until ${formatInstant(until)}`,
  until,
})

const described = (objection: Objection, ask: Ask, tries: Tries): Fetched => {
  const often = tries.failed === 0 ? '' : `, ${tries.failed + 1} tries`
  const detail = maskText(`${objection.detail}${often}: ${ask.method} ${maskUrl(ask.url)}`, ask.secrets)
  return { kind: 'refused', objection: { ...objection, detail } }
}
