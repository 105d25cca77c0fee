/**
 * Asks, and asks again where that makes sense: the policy on top of the transport. One per source and run.
 *
 * A request is one or more hops (redirects). Each hop waits for its place at the host and leaves hosts alone that asked
 * for it. What an answer means is decided by `judge`, what follows by `tries`; here is only the doing.
 */

import type { Clock } from '../../base/clock.ts'
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
import type { Broken, Transport } from './transport.ts'
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
    const { clock, memory } = this.#tools
    const known = memory.recall(ask)
    const outcome = await this.#hops(
      known === undefined ? ask : { ...ask, headers: { ...ask.headers, ...conditions(known) } },
      sent,
    )
    if (outcome.kind === 'held') return { kind: 'refused', objection: held(outcome.host, outcome.until) }
    if (outcome.kind === 'broken') return { kind: 'refused', objection: judgeBroken(outcome) }
    const { answer } = outcome
    const circumstances = {
      promised,
      credentials: hasCredentials(ask),
      conditional: known !== undefined,
      now: clock.now(),
    }
    const objection = judgeAnswer(answer, circumstances) ?? this.#ownJudgement(answer)
    if (objection !== undefined) return { kind: 'refused', objection: await this.#held(outcome.ask, objection, tries) }
    if (answer.status === 304 && known !== undefined) return { kind: 'answered', answer: known, unchanged: true }
    return { kind: 'answered', answer, unchanged: false }
  }

  #ownJudgement(answer: Answer): Objection | undefined {
    if (answer.status === 304) return undefined
    try {
      return this.#judge(answer)
    } catch (error) {
      return { verdict: 'contract', detail: `the source's own judge failed: ${String(error)}` }
    }
  }

  // Whoever is told to wait tells everybody who asks the same host, in this process and after it.
  async #held(ask: Ask, objection: Objection, tries: Tries): Promise<Objection> {
    if (objection.verdict !== 'rate_limited') return objection
    const { clock, records } = this.#tools
    const until = objection.until ?? pauseWithoutWord(tries, clock.now())
    await records.holdHost(ask.url.host, until, maskText(objection.detail, ask.secrets))
    return { ...objection, until }
  }

  async #hops(first: Ask, sent: () => void): Promise<Outcome> {
    const { limits } = this.#tools
    let ask = first
    for (let hop = 0; ; hop++) {
      const outcome = await this.#hop(ask, sent)
      if (outcome.kind !== 'answered' || !isRedirect(outcome.answer.status)) return outcome
      const next = redirected(ask, outcome.answer.status, outcome.answer.headers)
      if ('refused' in next) return unusable(next.refused)
      if (hop === limits.redirects) return unusable(`more than ${limits.redirects} redirects`)
      ask = next.ask
    }
  }

  async #hop(ask: Ask, sent: () => void): Promise<Outcome> {
    const { clock, lanes, records, signal, limits } = this.#tools
    const { host } = ask.url
    const leave = await lanes.enter(host, limits.concurrency, signal)
    try {
      const until = await records.hostHeldUntil(host)
      if (until !== null && until > clock.now()) return { kind: 'held', host, until }
      sent()
      return await this.#send(ask)
    } finally {
      leave()
    }
  }

  async #send(ask: Ask): Promise<Outcome> {
    const { transport, clock, signal, limits } = this.#tools
    const late: Broken = {
      kind: 'broken',
      why: 'timeout',
      detail: `no answer within ${formatDuration(limits.timeout)}`,
    }
    const reply = await within(clock, limits.timeout, signal, inner => transport.send(ask, limits.bytes, inner), late)
    if (reply.kind === 'broken') return reply
    return { kind: 'answered', ask, answer: new Answer({ ...reply, url: withoutSecrets(ask.url) }) }
  }
}

type Outcome =
  | { readonly kind: 'answered'; readonly ask: Ask; readonly answer: Answer }
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
