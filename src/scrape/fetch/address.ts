/** Which network addresses belong to everybody. All others are asked only by sources that say so. */

import { BlockList, isIP } from 'node:net'

// IANA special-purpose address registries (RFC 6890 and later), and multicast.
const IPV4_NOT_PUBLIC = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const

const IPV6_NOT_PUBLIC = [
  ['::', 127],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
  ['5f00::', 16],
  ['fc00::', 7],
  ['fe80::', 9],
  ['ff00::', 8],
] as const

// Prefixes behind which an IPv4 address may hide: mapped, compatible, and translated by NAT64.
const IPV4_INSIDE = ['::ffff:', '::', '64:ff9b::'] as const

const notPublic = new BlockList()
for (const [network, bits] of IPV4_NOT_PUBLIC) {
  notPublic.addSubnet(network, bits, 'ipv4')
  for (const prefix of IPV4_INSIDE) notPublic.addSubnet(prefix + network, 96 + bits, 'ipv6')
}
for (const [network, bits] of IPV6_NOT_PUBLIC) notPublic.addSubnet(network, bits, 'ipv6')

/**
 * Whether a resolved address is one that anybody on the internet could ask.
 *
 * @example isPublicAddress('::ffff:7f00:1') // false
 */
export const isPublicAddress = (address: string): boolean => {
  const [plain = ''] = address.split('%')
  const family = isIP(plain)
  return family !== 0 && !notPublic.check(plain, family === 6 ? 'ipv6' : 'ipv4')
}
