/** Sizes of files for a person: `4.1 kB`, `17 MB`. */

/** @example sizeOf(4_096) // '4.1 kB' */
export const sizeOf = (bytes: number): string => {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB']
  const step = Math.min(Math.floor(Math.log(Math.max(bytes, 1)) / Math.log(1_000)), units.length - 1)
  const size = bytes / 1_000 ** step
  return `${size < 10 && step > 0 ? size.toFixed(1) : Math.round(size)} ${units[step]}`
}
