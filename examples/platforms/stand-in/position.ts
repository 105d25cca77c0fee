/** How far a platform has come, kept in a small file, so that a restart goes on where it stopped. */

import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

export interface Positions {
  get(name: string): number
  set(name: string, value: number): void
}

/** Positions kept in a file; without one they are forgotten at the end. */
export const positions = (file: string | null): Positions => {
  const known = new Map(Object.entries(file === null ? {} : read(file)))
  return {
    get: name => known.get(name) ?? 0,
    set(name, value) {
      known.set(name, value)
      if (file !== null) write(file, Object.fromEntries(known))
    },
  }
}

const read = (file: string): Record<string, number> => {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Record<string, number>
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {}
    throw error
  }
}

// A rename replaces the file whole: killed at any moment, it holds the old or the new.
const write = (file: string, value: Record<string, number>): void => {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(`${file}.new`, JSON.stringify(value))
  renameSync(`${file}.new`, file)
}
