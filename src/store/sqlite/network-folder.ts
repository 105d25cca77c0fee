/** A folder of another machine: its locks and its shared memory do not keep what SQLite needs of them. */

import { statfsSync } from 'node:fs'
import { RotaError } from '../../base/errors.ts'

// What statfs of Linux calls them (statfs(2)).
const networkFilesystems: Readonly<Record<number, string>> = {
  0x69_69: 'NFS',
  0x51_7b: 'SMB',
  0xff_53_4d_42: 'CIFS',
  0xfe_53_4d_42: 'SMB',
  0x53_46_41_4f: 'AFS',
  0x00_c3_64_00: 'Ceph',
}

/** The name of a network filesystem by its number, or undefined for a local one. */
export const networkFilesystem = (type: number): string | undefined => networkFilesystems[type >>> 0]

/** @throws RotaError STORE_UNUSABLE */
export const refuseNetworkFolder = (folder: string, place: string): void => {
  if (process.platform !== 'linux') return
  const name = networkFilesystem(statfsSync(folder).type)
  if (name === undefined) return
  const advice = 'its locks cannot be trusted. Use a local disk.'
  throw new RotaError('STORE_UNUSABLE', `${place} lies on a network filesystem (${name}); ${advice}`, {
    details: { place, filesystem: name },
  })
}
