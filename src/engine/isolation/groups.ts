/** Children with everything that they start: each leads a process group of its own, which is told and ended as one. */

// Windows has no process groups: there the child alone is ended.
const hasGroups = process.platform !== 'win32'

/** For `spawn`: the child leads a group, and a Ctrl-C in the terminal is not told to it behind our back. */
export const inOwnGroup = { detached: hasGroups } as const

const living = new Set<number>()

/** To be called when a child was started: it does not outlive this process, if that ends by itself. */
export const groupStarted = (pid: number): void => {
  if (living.size === 0) process.on('exit', endAll)
  living.add(pid)
}

/** To be called as soon as a child has ended: what it left behind ends, too. */
export const groupLeft = (pid: number): void => {
  signalGroup(pid, 'SIGKILL')
  living.delete(pid)
  if (living.size === 0) process.off('exit', endAll)
}

export const signalGroup = (pid: number, signal: 'SIGTERM' | 'SIGKILL'): void => {
  try {
    process.kill(hasGroups ? -pid : pid, signal)
  } catch {
    // Nobody is left of it.
  }
}

const endAll = (): void => {
  for (const pid of living) signalGroup(pid, 'SIGKILL')
}
