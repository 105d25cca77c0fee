/**
 * What was probably meant by a condition that cannot be read: the habits of crontab, Rocketry and plain English, each with
 * Rota's spelling, and the nearest right word. A suggestion is only made when it can itself be read.
 */

import type { RotaError } from '../base/errors.ts'
import { isRotaError } from '../base/errors.ts'
import { nearest } from '../base/nearest.ts'

/** Reads a text and gives its canonical spelling, or throws. */
export type Attempt = (text: string) => string

// Each round mends one thing. Two slips are common, four are another language.
const MOST_ROUNDS = 4

/** The canonical spelling of what was meant, if a few repairs make the text readable. */
export const suggestion = (text: string, error: RotaError, attempt: Attempt): string | undefined => {
  let mended = rewriteHabits(text)
  let problem: RotaError | string = mended === text ? error : tried(mended, attempt)
  for (let round = 0; round < MOST_ROUNDS && typeof problem !== 'string'; round++) {
    const next = mendAt(mended, problem)
    if (next === undefined) return undefined
    mended = next
    problem = tried(mended, attempt)
  }
  return typeof problem === 'string' ? problem : undefined
}

const tried = (text: string, attempt: Attempt): RotaError | string => {
  try {
    return attempt(text)
  } catch (error) {
    if (isRotaError(error)) return error
    throw error
  }
}

const TIME = String.raw`\d{1,2}:\d{2}`
const WEEKDAY = String.raw`(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:days?)?`
const NTH = String.raw`(?:last|first|second|third|fourth|fifth|\d{1,2}(?:st|nd|rd|th))(?: last)?`

/** Applied one after the other, so that the later ones see what the earlier ones made. */
const HABITS: readonly (readonly [RegExp, string | ((...groups: string[]) => string)])[] = [
  [/&&/g, ' and '],
  [/\|\|/g, ' or '],
  [/!(?!=)/g, ' not '],
  [/^\s*(?:cron_)?tz=\S+\s+/i, ''],
  [
    /\b(?:one|two|three|four|five|six|seven|eight|nine|ten)\b/gi,
    word => String(NUMBERS.indexOf(word.toLowerCase()) + 1),
  ],
  [/(^|\s)H\/(?=\d)/gi, '$1*/'],
  [/^\s*\*\/([6-9]\d|\d{3,}) \* \* \* \*\s*$/, 'every $1 minutes'],
  [/^\s*0 \*\/(2[4-9]|[3-9]\d|\d{3,}) \* \* \*\s*$/, 'every $1 hours'],
  [/@every\b/gi, 'every'],
  [/@reboot\b/gi, 'on start'],
  [/@minutely\b/gi, 'every minute'],
  [/\bminutely\b/gi, 'every minute'],
  [/\bsecondly\b/gi, 'every second'],
  [/\b(?:each|once an?|once every|once per)\b/gi, 'every'],
  [/\bevery other (\w+?)s?\b/gi, 'every 2 $1s'],
  [/\bevery (\d+)(?:nd|rd|th|st) (day|week|month|year)\b/gi, 'every $1 $2s'],
  [/\b(\d+(?:\.\d+)?) ?(?:mins|minuets?)\b/gi, '$1 minutes'],
  [/\b(\d+(?:\.\d+)?) ?(?:secs)\b/gi, '$1 seconds'],
  [/\b(\d+(?:\.\d+)?) ?(?:hrs?)\b/gi, '$1 hours'],
  [/\bevery (\d+)(?=\s*(?:$|and\b|or\b|\)))/gi, 'every $1 minutes'],
  [/\bevery (\d+) hours? and (\d+) min(?:ute)?s?\b/gi, 'every $1h$2m'],
  [/\btime of (?:day|week|month|year) /gi, ''],
  [/\b(hourly|every hour) at (?:\d{1,2}:)?(\d{2})\b/gi, 'hourly at :$2'],
  [/\bevery (?:work|working|business|week) ?days\b/gi, 'every weekday'],
  [/\bon (?:work|working|business|week) days\b/gi, 'on weekdays'],
  [/\bevery weekends?\b/gi, 'weekly on Saturday and Sunday'],
  [
    /\b(\d{1,2})(?:[:.](\d{2}))? ?([ap])\.?m\b\.?/gi,
    (_, hour, minute, half) => halfDay(hour ?? '', minute, half ?? ''),
  ],
  [/\b(\d{1,2})\.(\d{2})(?! ?(?:h|m|s|\d))\b/gi, '$1:$2'],
  [/\bnoon\b/gi, '12:00'],
  [/\bmidnight\b/gi, '00:00'],
  [/\b(at|before|after|between|and|from|to|until) (\d{1,2})(?= ?(?:$|,|\)|(?:and|or|on|to|until)\b))/gi, '$1 $2:00'],
  [/\b(at|between) (\d{1,2}) o'clock\b/gi, '$1 $2:00'],
  [new RegExp(String.raw`\bfrom (${TIME}) (?:to|until|till|-) (${TIME})`, 'gi'), 'between $1 and $2'],
  [new RegExp(String.raw`\bbetween (${TIME}) ?(?:-|–|to) ?(${TIME})`, 'gi'), 'between $1 and $2'],
  [new RegExp(String.raw`\bbetween (${WEEKDAY}) (?:and|to) (${WEEKDAY})\b`, 'gi'), 'on $1-$2'],
  [new RegExp(String.raw`\bbetween (\d+(?:st|nd|rd|th)) and (\d+(?:st|nd|rd|th))\b`, 'gi'), 'on the $1-$2'],
  [new RegExp(String.raw`\bdaily between (${TIME}) and ${TIME}`, 'gi'), 'daily at $1'],
  [/\b(?:daily|every day) on (?=\D)/gi, 'weekly on '],
  [
    /\bmonthly on (?:the )?(\d{1,2})(?= ?(?:$|,|at\b|and\b|or\b|\)))/gi,
    (_, day) => `monthly on the ${withEnding(day ?? '')}`,
  ],
  [/\b(?:on|every) (?:the )?(\d{1,2}(?:st|nd|rd|th)) of (?:the|each|every) month\b/gi, 'monthly on the $1'],
  [/^\s*(?:on )?the (\d{1,2}(?:st|nd|rd|th)) of (?:the|each|every) month\b/gi, 'monthly on the $1'],
  [/\bevery (\d{1,2}(?:st|nd|rd|th))\b/gi, 'monthly on the $1'],
  [/\bevery (last|first|second|third|fourth|fifth) /gi, 'monthly on the $1 '],
  [new RegExp(String.raw`\bevery (\w+) on (${WEEKDAY})`, 'gi'), 'every $1 on $2'],
  [
    new RegExp(String.raw`^\s*(?:on )?(?:the )?(${NTH} [a-z ]+?) (?:of|in) (?:the|each|every|a) month\b`, 'i'),
    'monthly on the $1',
  ],
  [new RegExp(String.raw`^\s*(?:on )?(?:the )?(${NTH} [a-z]+ (?:of|in) [a-z]+)`, 'i'), 'yearly on the $1'],
  [
    new RegExp(String.raw`^\s*(?:on )?(${WEEKDAY}(?:,? (?:and )?${WEEKDAY})*|weekdays?) at (?=\d)`, 'i'),
    'every $1 at ',
  ],
  [new RegExp(String.raw`^\s*(?:every |at )?(${TIME})(?: (?:daily|every day))?\s*$`, 'i'), 'daily at $1'],
  [/(\bat \d{1,2}:\d{2}) or (?=\d{1,2}:)/gi, '$1 and '],
  [new RegExp(String.raw`^((?:at|on) .*\S) (?:daily|every day)$`, 'i'), 'daily $1'],
  [/^\s*(\d+(?:\.\d+)? ?(?:ms|s|sec|seconds?|m|min|minutes?|h|hours?|days?|weeks?|months?|years?))\s*$/i, 'every $1'],
  [/\bevery time of day\b/gi, 'every minute and'],
  [/,? (?:but not|except|excluding|unless)\b/gi, ' and not'],
  [/ and not (?=weekdays|weekends)/gi, ' and not on '],
  [/ and not (?=(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*)/gi, ' and not on '],
  [/\bafter task (?=['"])/gi, 'after '],
  [/\bafter (?!any\b|it\b|task\b)(\p{L}[\w.:-]*)(?= (?:succeed|fail|finish|is partial))/giu, "after '$1'"],
  [
    /(?<!['"\w.:-])(\p{L}[\w.:-]*)(?= (?:has (?:not |never )?(?:succeeded|failed|finished|started|been skipped)|is (?:not )?(?:running|healthy|degraded|failing|blocked))\b)/giu,
    "'$1'",
  ],
  [/(\bafter (?:'[^']*'|"[^"]*"))(?=\s*(?:$|\)|and (?!')|or (?!')))/gi, '$1 succeeds'],
  [/(['"]) (?:completes|ends|is done|is finished)\b/gi, '$1 finishes'],
  [/(['"]) (?:works|is successful)\b/gi, '$1 succeeds'],
  [/\bless than (\d+) times\b/gi, 'fewer than $1 times'],
  [/\bduring (?=\d)/gi, 'between '],
  [/\bduring (?:the )?/gi, 'in '],
]

const NUMBERS = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten']

const rewriteHabits = (text: string): string =>
  HABITS.reduce(
    (written, [habit, spelling]) =>
      typeof spelling === 'string' ? written.replace(habit, spelling) : written.replace(habit, spelling),
    text,
  )

/** `9 pm` as `21:00`. */
const halfDay = (hour: string, minute: string | undefined, half: string): string =>
  `${(Number(hour) % 12) + (half.toLowerCase() === 'p' ? 12 : 0)}:${minute ?? '00'}`

const withEnding = (day: string): string =>
  `${day}${['th', 'st', 'nd', 'rd'][Number(day) > 3 && Number(day) < 21 ? 0 : Number(day) % 10] ?? 'th'}`

// Words that only ever begin a condition: before one of them an `and` was left out.
const BEGINNINGS = /^(?:between|before|after|on|in|from|not|every|daily|if)\b/i

const mendAt = (text: string, { details }: RotaError): string | undefined => {
  const position = Number(details['position'])
  const before = text.slice(0, position)
  const [word = ''] = /^\p{L}+/u.exec(text.slice(position)) ?? []
  const near = word === '' ? undefined : nearestOf(word, String(details['expected']))
  if (near !== undefined) return before + near + text.slice(position + word.length)
  if (before.trim() !== '' && BEGINNINGS.test(text.slice(position))) return `${before}and ${text.slice(position)}`
  return undefined
}

// The words that were expected there come first, then those of the whole language. A right word in the wrong place is no slip.
const nearestOf = (word: string, expected: string): string | undefined =>
  VOCABULARY.includes(word.toLowerCase())
    ? undefined
    : (nearest(
        word,
        [...expected.matchAll(/'(\w+)'/g)].map(([, each]) => each ?? ''),
      ) ?? nearest(word, VOCABULARY))

const VOCABULARY =
  `every hourly daily weekly monthly yearly between before after on in at from until through not and or the
  last day days week weeks month months year years hour hours minute minutes second seconds weekday weekdays weekends
  monday tuesday wednesday thursday friday saturday sunday january february march april may june july august september
  october november december working first third fourth fifth of clamp start succeeds fails partial finishes has is been
  running healthy degraded failing blocked succeeded failed finished started skipped today this least more fewer than
  exactly times`.split(/\s+/)
