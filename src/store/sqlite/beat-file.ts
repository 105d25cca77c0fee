/** The small file in which a worker counts: one line that a person can read, and that is written over each time. */

import { closeSync, constants, openSync, readFileSync, writeSync } from 'node:fs'
import { instant } from '../../base/instant.ts'
import type { Instant } from '../../base/instant.ts'
import type { Beat } from '../../domain/lease.ts'

const WRITE_ANYWHERE = constants.O_WRONLY | constants.O_CREAT
// Always as long.
const DIGITS = 16
const LINE = /^(\d+) (\d+)\n$/
const never: Beat = { count: 0, at: null }

export const readBeat = (path: string): Beat => {
  try {
    const [, count, at] = LINE.exec(readFileSync(path, 'utf8')) ?? []
    return count === undefined ? never : { count: Number(count), at: instant(Number(at)) }
  } catch {
    // Not begun yet.
    return never
  }
}

export class BeatFile {
  readonly #file: number
  #count: number

  /** Goes on from what was counted in it. */
  constructor(path: string) {
    this.#file = openSync(path, WRITE_ANYWHERE, 0o600)
    this.#count = readBeat(path).count
  }

  beat(at: Instant): void {
    this.#count++
    writeSync(this.#file, `${String(this.#count).padStart(DIGITS, '0')} ${at}\n`, 0)
  }

  [Symbol.dispose](): void {
    closeSync(this.#file)
  }
}
