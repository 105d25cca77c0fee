/** Times in words, the same from the server and in the page. Pure: an instant, now and a zone go in, text comes out. */

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

// `wholeFrom`: from so many on, the rest says nothing more.
const steps = [
  { unit: 'd', ms: DAY, wholeFrom: 10, smaller: { unit: 'h', ms: HOUR } },
  { unit: 'h', ms: HOUR, wholeFrom: 24, smaller: { unit: 'min', ms: MINUTE } },
  { unit: 'min', ms: MINUTE, wholeFrom: 10, smaller: { unit: 's', ms: SECOND } },
  { unit: 's', ms: SECOND, wholeFrom: 0, smaller: { unit: 'ms', ms: 1 } },
]

/** A length in at most two units, rounded down: `45 s`, `5 min 30 s`, `3 h 20 min`, `12 d`. */
export const about = ms => {
  const step = steps.find(({ ms: size }) => ms >= size)
  if (step === undefined) return '0 s'
  const count = Math.floor(ms / step.ms)
  const rest = count >= step.wholeFrom ? 0 : Math.floor((ms - count * step.ms) / step.smaller.ms)
  return rest === 0 ? `${count} ${step.unit}` : `${count} ${step.unit} ${rest} ${step.smaller.unit}`
}

/** How long something took: as `about`, and finer below ten seconds: `340 ms`, `3.4 s`. */
export const took = ms => {
  if (ms < SECOND) return `${Math.round(ms)} ms`
  return ms < 10 * SECOND ? `${(Math.floor(ms / 100) / 10).toFixed(1)} s` : about(ms)
}

/** How far an instant is from now: `in 5 min 20 s`, `now` within a second; what is over is told roughly, `3 h ago`. */
export const relative = (at, now) => {
  const away = at - now
  if (Math.abs(away) < SECOND) return 'now'
  return away > 0 ? `in ${about(away)}` : `${roughly(-away)} ago`
}

const roughly = ms => about(ms).split(' ').slice(0, 2).join(' ')

const formats = new Map()

const parts = (at, zone) => {
  if (!formats.has(zone)) {
    const options = {
      year: 'numeric',
      month: 'short',
      day: 'numeric',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      hourCycle: 'h23',
    }
    formats.set(zone, new Intl.DateTimeFormat('en-GB', { ...options, timeZone: zone }))
  }
  return Object.fromEntries(
    formats
      .get(zone)
      .formatToParts(at)
      .map(({ type, value }) => [type, value]),
  )
}

const day = ({ day, month }) => `${day} ${month}`

/** `09:12:30` today, else `21 Nov, 09:12`, with the year where it is another one. Zone undefined: the reader's own. */
export const shortTime = (at, now, zone) => {
  const [then, today] = [parts(at, zone), parts(now, zone)]
  if (then.year !== today.year) return `${day(then)} ${then.year}, ${then.hour}:${then.minute}`
  if (day(then) !== day(today)) return `${day(then)}, ${then.hour}:${then.minute}`
  return `${then.hour}:${then.minute}:${then.second}`
}

/** `09:12` today, else as `shortTime`: for a sentence. */
export const clockTime = (at, now, zone) => {
  const text = shortTime(at, now, zone)
  return text.includes(',') ? text : text.slice(0, 5)
}

/** As `clockTime`, with the seconds where there are any: for a moment that a schedule names. */
export const exactTime = (at, now, zone) => {
  const text = shortTime(at, now, zone)
  return text.includes(',') || !text.endsWith(':00') ? text : text.slice(0, 5)
}

/** `22 Nov 2026, 09:12:30`. */
export const longTime = (at, zone) => {
  const then = parts(at, zone)
  return `${day(then)} ${then.year}, ${then.hour}:${then.minute}:${then.second}`
}
