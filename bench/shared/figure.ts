/** One measured number as `bench/run.ts` collects it: a line of JSON on standard output. */

export interface Figure {
  readonly name: string
  readonly value: number
  readonly unit: string
  /** Such as `≤ 25`; left out where the number stands only beside others. */
  readonly target?: string
}

export const say = (figure: Figure): void => {
  console.log(JSON.stringify({ ...figure, value: Number(figure.value.toPrecision(4)) }))
}

/** The middle one, or the mean of the two in the middle. */
export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b)
  const half = sorted.length / 2
  return Number.isInteger(half)
    ? ((sorted[half - 1] ?? Number.NaN) + (sorted[half] ?? Number.NaN)) / 2
    : (sorted[Math.floor(half)] ?? Number.NaN)
}

/** The value that so large a share of all values does not exceed (nearest rank). */
export const quantile = (values: readonly number[], share: number): number => {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.max(Math.ceil(sorted.length * share) - 1, 0)] ?? Number.NaN
}
