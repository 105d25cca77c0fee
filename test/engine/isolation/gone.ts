/** Waits until a process is gone; the bound only ends a test that would hang. */

import { readFileSync } from 'node:fs'
import { setImmediate as turn } from 'node:timers/promises'

export const gone = async (pid: number): Promise<void> => {
  const bound = AbortSignal.timeout(30_000)
  while (isThere(pid)) {
    bound.throwIfAborted()
    await turn()
  }
}

// Where nobody collects orphans, one that has ended stays as a zombie.
const isThere = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return process.platform !== 'linux' || !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}
