/**
 * Connections only to where they may go. What counts is the address that is connected to, not the name in the request:
 * a name may resolve to anything, and to something else the next time it is asked.
 */

import { lookup } from 'node:dns'
import type { LookupAddress, LookupOptions } from 'node:dns'
import { isIP } from 'node:net'
import type { LookupFunction } from 'node:net'
import type { buildConnector } from 'undici'

/** The address is private, and the source does not allow those. */
export class AddressRefused extends Error {
  override readonly name = 'AddressRefused'
}

/** Resolves a name, as node:dns does. */
export type Resolve = (
  host: string,
  options: LookupOptions & { all: true },
  done: (error: Error | null, addresses: LookupAddress[]) => void,
) => void

/** Whether a resolved address may be connected to. */
export type Allows = (address: string) => boolean

/** A connector that goes to allowed addresses only: literal ones are checked here, resolved ones in its lookup. */
export const guarded = (connect: buildConnector.connector, allows: Allows): buildConnector.connector => {
  return (options, callback) => {
    const host = options.hostname.replace(/^\[|\]$/g, '')
    if (isIP(host) !== 0 && !allows(host)) return callback(refused(host, [host]), null)
    connect(options, callback)
  }
}

/** A lookup that gives only allowed addresses, and refuses a name that has none. The connection uses what it gives. */
export const guardedLookup =
  (allows: Allows, resolve: Resolve = lookup): LookupFunction =>
  (host, options, done) => {
    resolve(host, { ...options, all: true }, (error, found) => {
      if (error !== null) return done(error, [])
      const allowed = found.filter(entry => allows(entry.address))
      const first = allowed[0]
      if (first === undefined)
        return done(
          refused(
            host,
            found.map(entry => entry.address),
          ),
          [],
        )
      return options.all === true ? done(null, allowed) : done(null, first.address, first.family)
    })
  }

const refused = (host: string, addresses: readonly string[]): AddressRefused => {
  const where = addresses[0] === host ? host : `${host} (${addresses.join(', ') || 'no address'})`
  return new AddressRefused(`${where} is not a public address; a source that may ask it says allowPrivate`)
}
