/** Several pieces of work at a time, no more than so many; results in the order of the things. */

/** Rejects with the first failure, once nothing of it is still going on. */
export const sideBySide = async <T, R>(
  most: number,
  things: readonly T[],
  work: (thing: T) => Promise<R>,
): Promise<readonly R[]> => {
  const results: R[] = []
  const left = things.entries()
  let failed = false
  const takeOver = async (): Promise<void> => {
    for (const [index, thing] of left) {
      if (failed) return
      try {
        results[index] = await work(thing)
      } catch (error) {
        failed = true
        throw error
      }
    }
  }
  const ends = await Promise.allSettled(Array.from({ length: Math.min(most, things.length) }, takeOver))
  const broken = ends.find(end => end.status === 'rejected')
  if (broken !== undefined) throw broken.reason
  return results
}
