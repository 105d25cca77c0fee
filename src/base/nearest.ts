/** "Did you mean …?": the nearest right word to one that is wrong. */

/** The candidate within two edits (one for short words) of `word`, compared without case, or undefined. */
export const nearest = (word: string, candidates: Iterable<string>): string | undefined => {
  const wanted = word.toLowerCase()
  if (wanted.length > 60) return undefined
  const furthest = wanted.length < 4 ? 1 : 2
  let best: string | undefined
  let bestDistance = furthest + 1
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - wanted.length) > furthest) continue
    const distance = edits(wanted, candidate.toLowerCase())
    if (distance < bestDistance) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

// Optimal string alignment: a swap of two neighbours, the commonest slip, is one edit.
const edits = (a: string, b: string): number => {
  let before: number[] = []
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      let cost = Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (same ? 0 : 1))
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      if (swapped) cost = Math.min(cost, (before[j - 2] ?? 0) + 1)
      next.push(cost)
    }
    before = row
    row = next
  }
  return row[b.length] ?? 0
}
