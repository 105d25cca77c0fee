/** Where notices go: what can be asked of a destination, and how one is checked. */

import type { Duration } from '../../base/duration.ts'
import { RotaError } from '../../base/errors.ts'
import type { Instant } from '../../base/instant.ts'
import { checkName } from '../../base/name.ts'
import type { Notice } from '../../domain/notice.ts'

export interface Destination {
  /** How it is called in lists and by `rota notices test`. The store knows no more of it. */
  readonly name: string
  /** How long sending may take. */
  readonly timeout: Duration
  /** Sends one notice. Rejects when that failed for now. */
  send(notice: Notice, context: SendContext): Promise<Sent>
}

export interface SendContext {
  /** Aborts at the timeout, and when the app stops. */
  readonly signal: AbortSignal
  readonly now: Instant
}

export type Sent =
  | { readonly kind: 'delivered' }
  /** Try again: as is usual, or not before `retryAt`. */
  | { readonly kind: 'failed'; readonly why: string; readonly retryAt: Instant | null }
  /** It will never take this notice. */
  | { readonly kind: 'refused'; readonly why: string }

/** @throws RotaError OPTION_INVALID */
export const addressOf = (what: string, text: unknown, protocols: readonly string[]): URL => {
  const address = typeof text === 'string' ? URL.parse(text) : null
  if (address !== null && protocols.includes(address.protocol) && address.hostname !== '') return address
  // What was given may hold a password.
  throw new RotaError('OPTION_INVALID', `${what} needs an address that begins with ${protocols.join('// or ')}//.`)
}

/** The name that was given, else the host. @throws RotaError NAME_INVALID */
export const destinationName = (given: unknown, address: URL): string => checkName('destination', given ?? address.host)
