/** Times of day as text, `09:00`, and as milliseconds since midnight. */

/** `09:00` or `09:00:30`; `24:00` only where something ends. */
export type TimeOfDay = string

export const DAY_MS = 86_400_000

/** Reads `09:00`, `09:00:30` or `24:00`. */
export const readTime = (text: TimeOfDay): number => {
  const [hours, minutes, seconds] = text.split(':').map(Number)
  return ((hours ?? 0) * 3600 + (minutes ?? 0) * 60 + (seconds ?? 0)) * 1000
}

/** Writes `09:00`, with seconds only where they are not zero. */
export const writeTime = (time: number): TimeOfDay => {
  const two = (value: number): string => String(value).padStart(2, '0')
  const seconds = Math.floor(time / 1000)
  const text = `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}`
  return seconds % 60 === 0 ? text : `${text}:${two(seconds % 60)}`
}
