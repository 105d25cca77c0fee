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
const MONTH = String.raw`(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)`
const NTH = String.raw`(?:last|first|second|third|fourth|fifth|\d{1,2}(?:st|nd|rd|th))(?: last)?`
const DAY_NUMBER = String.raw`\d{1,2}(?:st|nd|rd|th)`
const NAME = String.raw`(?:'[^']*'|"[^"]*")`

type Habit = readonly [habit: RegExp, spelling: string | ((...groups: string[]) => string)]

/** What surrounds a condition elsewhere, and signs that join its parts. */
const WRAPPINGS: readonly Habit[] = [
  [/&&/g, ' and '],
  [/\|\|/g, ' or '],
  [/!(?!=)/g, ' not '],
  [/ \+ (?=\D)/g, ' and '],
  [/\b(has|is|did|does)n['’]t\b/gi, '$1 not'],
  [/^\s*(?:cron_)?tz=\S+\s+/i, ''],
  [/\s+(?:UTC|GMT|[A-Z][a-z]+\/[A-Z][A-Za-z_]+)\s*$/, ''],
  [/^\s*(?:please )?(?:run|execute|schedule|repeat)(?: it)? (?=\S)/i, ''],
  // Amazon's, whose last field is the year.
  [/^\s*cron ?\(\s*((?:\S+\s+){4}\S+)\s+\*\s*\)\s*$/i, '$1'],
  [/^\s*cron(?:: ?| )(?=[\d*])/i, ''],
  [/^\s*(?:interval|rate)(?:: ?| | ?\()(.*?)\)?\s*$/i, '$1'],
  [/^\s*(seconds|minutes|hours|days|weeks)\s*=\s*(\d+)\s*$/i, 'every $2 $1'],
  [
    /^\s*(?:R\d*\/)?PT(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?\s*$/,
    (_, hours, minutes, seconds) => `every ${hours ?? 0}h${minutes ?? 0}m${seconds ?? 0}s`,
  ],
  [/^\s*(?:R\d*\/)?P(\d+)D\s*$/, 'every $1 days'],
  // Quartz: seconds first, the year last. Its weekdays begin with 1 for Sunday, so numbers there are left alone.
  [/^\s*((?:\S+\s+){5}(?:[*?]|[A-Z][A-Z,-]*))\s+\*\s*$/i, '$1'],
  [/^\s*((?:[\d*][\d*,/-]*\s+){4}(?:[\d*][\d*,/-]*|[A-Z]{3}(?:-[A-Z]{3})?))\s+(?!(?:and|or)\b)[/.~a-z].*$/i, '$1'],
  [/(^|\s)H\/(?=\d)/gi, '$1*/'],
  [/^\s*\*\/([6-9]\d|\d{3,}) \* \* \* \*\s*$/, 'every $1 minutes'],
  [/^\s*0 \*\/(2[4-9]|[3-9]\d|\d{3,}) \* \* \*\s*$/, 'every $1 hours'],
  [/@every\b/gi, 'every'],
  [/@reboot\b/gi, 'on start'],
  [/@minutely\b/gi, 'every minute'],
  [/@weekdays?\b/gi, 'every weekday'],
]

/** How often. */
const FREQUENCIES: readonly Habit[] = [
  [
    /\b(?:one|two|three|four|five|six|seven|eight|nine|ten)\b/gi,
    word => String(NUMBERS.indexOf(word.toLowerCase()) + 1),
  ],
  [/\b(?:at start(?:up)?|on (?:boot|(?:app |program )start(?:up)?|startup)|at boot)\b/gi, 'on start'],
  [/\bminutely\b/gi, 'every minute'],
  [/\bsecondly\b/gi, 'every second'],
  [/\bfortnightly\b/gi, 'every 2 weeks'],
  [/\b(?:quarterly|every quarter)\b(?! (?:of )?(?:an )?hour)/gi, 'every 3 months'],
  [/\b(?:semi-?annually|half-?yearly|twice (?:a|per) year)\b/gi, 'every 6 months'],
  [/\bevery hour and a half\b/gi, 'every 90 minutes'],
  [/\b(?:every )?half(?: an)?[ -]?hour(?:ly)?\b/gi, 'every 30 minutes'],
  [/\bevery quarter(?: of an)? hour\b/gi, 'every 15 minutes'],
  [/\b(?:every hour|hourly),? on the hour\b/gi, 'hourly'],
  [/\bevery minute of (?:the|each|every) (?:hour|day)\b/gi, 'every minute'],
  [/\b(?:each|once an?|once every|once per)\b/gi, 'every'],
  [new RegExp(String.raw`\bevery other (${WEEKDAY})\b`, 'gi'), 'every 2 weeks on $1'],
  [/\bevery other (\w+?)s?\b/gi, 'every 2 $1s'],
  [/\bevery (\d+)(?:nd|rd|th|st) (day|week|month|year)\b/gi, 'every $1 $2s'],
  [/\b(\d+(?:\.\d+)?) ?(?:mins|minuets?)\b/gi, '$1 minutes'],
  [/\b(\d+(?:\.\d+)?) ?(?:secs)\b/gi, '$1 seconds'],
  [/\b(\d+(?:\.\d+)?) ?(?:hrs?)\b/gi, '$1 hours'],
  [/\bevery (\d+)(?=\s*(?:$|and\b|or\b|\)))/gi, 'every $1 minutes'],
  [/\bevery (\d+) hours? and (\d+) min(?:ute)?s?\b/gi, 'every $1h$2m'],
  [/\bin an? (?=(?:second|minute|hour|day)\b)/gi, 'in 1 '],
  [/\bin (\d+) weeks?\b/gi, (_, weeks) => `in ${Number(weeks) * 7} days`],
]

/** Times of day and of the hour. */
const TIMES: readonly Habit[] = [
  [/\btime of (?:day|week|month|year) /gi, ''],
  [/\b(hourly|every hour) (?:after|starting|before) (2[4-9]|[3-5]\d):00\b/gi, 'hourly at :$2'],
  [/\b(?:hourly|every hour) at half past\b/gi, 'hourly at :30'],
  [/\b(?:at )?(\d{1,2})(?: minutes?)? past (?:every|each|the) hour\b/gi, (_, minute) => `hourly at :${two(minute)}`],
  [/\b(?:hourly|every hour) at (\d{1,2}) minutes?(?: past)?\b/gi, (_, minute) => `hourly at :${two(minute)}`],
  [/\b(hourly|every hour) at (\d)\b(?!:)/gi, 'hourly at :0$2'],
  [/\b(hourly|every hour) at (?:\d{1,2}:)?(\d{2})\b/gi, 'hourly at :$2'],
  [/\bhourly at :(\d{2})(?:,| and) ?(\d{2})\b(?!:)/gi, 'hourly at :$1 and :$2'],
  [/\bevery (?:work|working|business|week) ?days\b/gi, 'every weekday'],
  [/\bon (?:work|working|business|week) ?days\b/gi, 'on weekdays'],
  [/\bevery weekends?\b/gi, 'weekly on Saturday and Sunday'],
  [/\b(?:at|over) (?:the )?weekends?\b/gi, 'on weekends'],
  [/^\s*(?:weekdays|work(?:ing)? ?days)\b/gi, 'every weekday'],
  [/^\s*weekends\b/gi, 'weekly on Saturday and Sunday'],
  [
    /\b(\d{1,2})(?:[:.](\d{2}))? ?([ap])\.?m\b\.?/gi,
    (_, hour, minute, half) => halfDay(hour ?? '', minute, half ?? ''),
  ],
  [/\bevery morning at\b/gi, 'daily at'],
  [
    /\bevery (?:afternoon|evening) at (\d{1,2})(?::(\d{2}))?\b/gi,
    (_, hour, minute) => `daily at ${Number(hour) < 12 ? Number(hour) + 12 : hour}:${minute ?? '00'}`,
  ],
  [/\b(\d{1,2})\.(\d{2})(?! ?(?:h|m|s|\d))\b/gi, '$1:$2'],
  [/\bat (\d{1,2})h(\d{2})?(?![\dm])/gi, (_, hour, minute) => `at ${hour}:${minute ?? '00'}`],
  [/\bat ([01]\d|2[0-3])([0-5]\d)(?=\s*(?:$|,|and\b|or\b|on\b))(?<!\b(?:19|20)\d\d)/gi, 'at $1:$2'],
  [/\bnoon\b/gi, '12:00'],
  [/\bmidnight\b/gi, '00:00'],
  [
    /\bbetween ([7-9]|1[0-2]) and ([1-6])(?!\d|:|st|nd|rd|th)/gi,
    (_, from, to) => `between ${from}:00 and ${Number(to) + 12}:00`,
  ],
  [
    /\b(at|before|after|between|and|from|to|until) (\d{1,2})(?= ?(?:$|,|\)|(?:and|or|on|to|until|every|each|daily|after|before|between|if)\b))/gi,
    '$1 $2:00',
  ],
  [/(?<=\bat [\d:, and]*:\d{2}(?:, ?| and ))(\d{1,2})(?![\d:])/gi, '$1:00'],
  [/\b(at|between) (\d{1,2}) o'clock\b/gi, '$1 $2:00'],
  [/(?<=:\d{2}) and at (?=\d{1,2}:\d{2})/gi, ' and '],
  [new RegExp(String.raw`\bfrom (${TIME}) (?:to|until|till|-) (${TIME})`, 'gi'), 'between $1 and $2'],
  [new RegExp(String.raw`\bbetween (${TIME}) ?(?:-|–|to|&) ?(${TIME})`, 'gi'), 'between $1 and $2'],
  [new RegExp(String.raw`\bfrom (${TIME})`, 'gi'), 'after $1'],
  [new RegExp(String.raw`\b(?:until|till) (${TIME})`, 'gi'), 'before $1'],
  [/\b(?:during |in |within )?(?:business|office|working) hours\b/gi, 'between 09:00 and 17:00 and on weekdays'],
]

/** A period with a window was once in it, elsewhere; here it is at the beginning of it. */
const ONCE_WITHIN: readonly Habit[] = [
  [new RegExp(String.raw`\bdaily between (${TIME}) and ${TIME}`, 'gi'), 'daily at $1'],
  [new RegExp(String.raw`\b(?:daily|every day) (?:after|starting(?: at)?) (${TIME})`, 'gi'), 'daily at $1'],
  [new RegExp(String.raw`\bweekly between (${WEEKDAY}) (?:and|to|&) ${WEEKDAY}\b`, 'gi'), 'weekly on $1'],
  [new RegExp(String.raw`\bweekly (?:after|starting(?: on)?) (${WEEKDAY})\b`, 'gi'), 'weekly on $1'],
  [
    new RegExp(String.raw`\bmonthly between (?:the )?(${DAY_NUMBER}) and (?:the )?${DAY_NUMBER}`, 'gi'),
    'monthly on the $1',
  ],
  [new RegExp(String.raw`\bmonthly (?:after|starting(?: on)?) (?:the )?(${DAY_NUMBER})`, 'gi'), 'monthly on the $1'],
]

/** Days and dates. */
const DAYS: readonly Habit[] = [
  [new RegExp(String.raw`\bbetween (${WEEKDAY}) (?:and|to|&) (${WEEKDAY})\b`, 'gi'), 'on $1-$2'],
  [new RegExp(String.raw`\bbetween (${DAY_NUMBER}) (?:and|&) (${DAY_NUMBER})\b`, 'gi'), 'on the $1-$2'],
  [new RegExp(String.raw`\b(${WEEKDAY}) (?=${WEEKDAY}\b)`, 'gi'), '$1, '],
  [/\b(?:daily|every day) on (?=\D)/gi, 'weekly on '],
  [new RegExp(String.raw`\bweekly (?=${WEEKDAY}\b)`, 'gi'), 'weekly on '],
  [new RegExp(String.raw`\bmonthly (?=${DAY_NUMBER})`, 'gi'), 'monthly on the '],
  [
    /\b(?:monthly|every month) on (?:the )?(\d{1,2})(?= ?(?:$|,|at\b|and\b|or\b|\)))/gi,
    (_, day) => `monthly on the ${withEnding(day ?? '')}`,
  ],
  [/\b(?:on|every) (?:the )?(\d{1,2}(?:st|nd|rd|th)) of (?:the|each|every) month\b/gi, 'monthly on the $1'],
  [/^\s*(?:on )?the (\d{1,2}(?:st|nd|rd|th)) of (?:the|each|every) month\b/gi, 'monthly on the $1'],
  [/^\s*(?:on |at )?(?:the )?(?:end|last) of (?:the|each|every )?month\b/gi, 'monthly on the last day'],
  [/^\s*(?:at )?(?:the )?end of (?:(?:the|each|every) )?month\b/gi, 'monthly on the last day'],
  [/^\s*(?:on )?(?:the )?first of (?:the|each|every) month\b/gi, 'monthly on the 1st'],
  [/\bevery (\d{1,2}(?:st|nd|rd|th))\b/gi, 'monthly on the $1'],
  [
    new RegExp(String.raw`^\s*(?:the )?(${DAY_NUMBER}(?:(?:, | and )(?:the )?${DAY_NUMBER})*)(?= at\b|\s*$)`, 'i'),
    'monthly on the $1',
  ],
  [/\bevery (last|first|second|third|fourth|fifth) /gi, 'monthly on the $1 '],
  [new RegExp(String.raw`\bevery (\w+) on (${WEEKDAY})`, 'gi'), 'every $1 on $2'],
  [
    new RegExp(String.raw`^\s*(?:on )?(?:the )?(${NTH} [a-z ]+?) (?:of|in) (?:the|each|every|a) month\b`, 'i'),
    'monthly on the $1',
  ],
  [new RegExp(String.raw`^\s*(?:on )?(?:the )?(${NTH} [a-z]+ (?:of|in) [a-z]+)`, 'i'), 'yearly on the $1'],
  [
    new RegExp(
      String.raw`^\s*(?:on |every |each |yearly )?(${MONTH} \d{1,2}|\d{1,2} ${MONTH})(?:st|nd|rd|th)?(?= at\b|\s*$)`,
      'i',
    ),
    'yearly on $1',
  ],
  [new RegExp(String.raw`\b(daily|every day|every weekdays?|${WEEKDAY})(?:,| @)? (?=${TIME})`, 'gi'), '$1 at '],
  [
    new RegExp(
      String.raw`^\s*(?:on )?(${WEEKDAY}(?:(?:,? (?:and )?| ?[-–] ?| to )${WEEKDAY})*|weekdays?) at (?=\d)`,
      'i',
    ),
    'every $1 at ',
  ],
  [/^\s*(?:on |at )?(\d{4}-\d{2}-\d{2}(?:[T ]\d{1,2}:\d{2})?)\s*$/i, 'at $1'],
  [/ on (\d{4}-\d{2}-\d{2})(?![T\d])/gi, ' from $1 through $1'],
  [new RegExp(String.raw`^\s*(?:every |at )?(${TIME})(?: (?:daily|every day))?\s*$`, 'i'), 'daily at $1'],
  [/(\bat \d{1,2}:\d{2}) or (?=\d{1,2}:)/gi, '$1 and '],
  [new RegExp(String.raw`^((?:at|on) .*\S) (?:daily|every day)$`, 'i'), 'daily $1'],
  [/^\s*(\d+(?:\.\d+)? ?(?:ms|s|sec|seconds?|m|min|minutes?|h|hours?|days?|weeks?|months?|years?))\s*$/i, 'every $1'],
  [/^\s*(\d+)d\s*$/i, 'every $1 days'],
  [/\bevery time of day\b/gi, 'every minute and'],
]

/** What is left out, and other conditions of the condition. */
const EXCEPTIONS: readonly Habit[] = [
  [/,? (?:but not|except(?: for)?|excluding|unless)\b/gi, ' and not'],
  [new RegExp(String.raw`,? but (?=${WEEKDAY}\b|weekends?\b|weekdays?\b)`, 'gi'), ' and not '],
  [/ and not (?=weekdays|weekends)/gi, ' and not on '],
  [/ and not (?=(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*)/gi, ' and not on '],
  [/\b(and not|on)(?: on)? (?:public |bank )?holidays\b/gi, "$1 on 'holidays'"],
  [/\bon on '/gi, "on '"],
  [/[,;] (?:only )?(?=(?:on|in|between|before|after|from|not|if)\b)/gi, ' and '],
  [/ only (?=(?:on|in|between|before|after|from|if)\b)/gi, ' and '],
]

/** Tasks, what became of them, and what is so of them. */
const FACTS: readonly Habit[] = [
  [/\bafter all tasks (?=['"])/gi, 'after '],
  [/\bafter any (?:tasks? )?(?=['"])/gi, 'after any of '],
  [/\btasks? (?=['"])/gi, ''],
  [/\b(after )task (?=\p{L})/giu, '$1'],
  [
    /\b(?:after|on) (?:the )?(success|failure|end|completion) of (?=['"])/gi,
    (_, what) => `after ${OUTCOMES[what?.toLowerCase() ?? ''] ?? ''}:`,
  ],
  [new RegExp(String.raw`\bafter (succeeds|fails|finishes):(${NAME})`, 'gi'), 'after $2 $1'],
  [
    new RegExp(String.raw`\bon (${NAME}) (success|failure|end|completion)\b`, 'gi'),
    (_, name, what) => `after ${name} ${OUTCOMES[what?.toLowerCase() ?? '']}`,
  ],
  [
    /\bafter (?!any\b|it\b|task\b)(\p{L}[\w.:-]*)(?= (?:succeed|fail|finish|is partial|has |was |complete|ended))/giu,
    "after '$1'",
  ],
  [
    /\bafter (?!any\b|it\b|itself\b|last\b|finishing\b|noon\b|midnight\b)(\p{L}[\w.:-]*)(?=\s*(?:$|\)))/giu,
    "after '$1'",
  ],
  [
    /(?<!['"\w.:-])(\p{L}[\w.:-]*)(?= (?:has (?:not |never )?(?:succeeded|failed|finished|started|been skipped)|is (?:not )?(?:running|healthy|degraded|failing|blocked))\b)/giu,
    "'$1'",
  ],
  [
    new RegExp(
      String.raw`(\bafter (?:any of )?${NAME}(?:(?:, ?| and )${NAME})*) (?:(?:has|have|was|were|is|are) )?(succeeded|successful|failed|finished|completed|done|ended|over)\b`,
      'gi',
    ),
    (_, after, what) => `${after} ${OUTCOMES[what?.toLowerCase() ?? ''] ?? ''}`,
  ],
  [
    new RegExp(
      String.raw`(?:^\s*|(?<=\b(?:and|or) ))(?:when|whenever|once|if|as soon as) (${NAME} (?:succeeds|fails|finishes|is partial))`,
      'gi',
    ),
    'after $1',
  ],
  [new RegExp(String.raw`(?:^\s*)(?:when|while|whenever|if|as long as) (?=${NAME} (?:is|has)\b)`, 'i'), ''],
  [
    new RegExp(String.raw` (?:and )?(?:when|while|whenever|if|once|as long as) (?=${NAME} (?:is|has)\b)`, 'gi'),
    ' and ',
  ],
  [new RegExp(String.raw`(\bafter ${NAME})(?=\s*(?:$|\)|and (?!')|or (?!')))`, 'gi'), '$1 succeeds'],
  [new RegExp(String.raw`(\bafter (?!any of)${NAME}(?:, ?${NAME})+)(?=\s*(?:$|\)))`, 'gi'), '$1 succeed'],
  [/(['"]) (?:completes|ends|is done|is finished)\b/gi, '$1 finishes'],
  [/(['"]) (?:works|is successful)\b/gi, '$1 succeeds'],
  [/(['"]) is (?:idle|stopped)\b/gi, '$1 is not running'],
  [/(['"]) (?:has )?(?:ran|run)\b/gi, '$1 has started'],
  [/(['"]) (?:did not|didn't) (succeed|fail|finish|start)\b/gi, '$1 has not $2ed'],
  [/(['"]) (succeeded|failed|finished|started)\b/gi, '$1 has $2'],
  [/\b(succeeded|failed|finished|started|skipped) (\d+) times?\b/gi, '$1 at least $2 times'],
  [/\bless than (\d+) times\b/gi, 'fewer than $1 times'],
  [/\b(?:in|within)(?: the)? (?:last|past) (?=hour|minute|day)/gi, 'in the last 1 '],
  [/\b(?:in|within)(?: the)? (?:last|past) week\b/gi, 'in the last 7 days'],
  [
    /\b(?:in|within)(?: the)?(?: last| past)? (?=\d+ ?(?:s|sec|seconds?|m|min|minutes?|h|hours?|d|days?)\b)(?<=(?:ed|ed today|times) (?:in|within)(?: the)?(?: last| past)? )/gi,
    'in the last ',
  ],
  [/\bafter it (?:ends|is done|completes|finished|has finished)\b/gi, 'after it finishes'],
  [/\bafter (?:itself|(?:the |its )?last run|finishing)\s*$/gi, 'after it finishes'],
  [/\bduring (?=\d)/gi, 'between '],
  [/\bduring (?:the )?/gi, 'in '],
]

const OUTCOMES: Readonly<Record<string, string>> = {
  success: 'succeeds',
  succeeded: 'succeeds',
  successful: 'succeeds',
  failure: 'fails',
  failed: 'fails',
  end: 'finishes',
  ended: 'finishes',
  completion: 'finishes',
  completed: 'finishes',
  finished: 'finishes',
  done: 'finishes',
  over: 'finishes',
}

/** Applied one after the other, so that the later ones see what the earlier ones made. */
const HABITS: readonly Habit[] = [
  ...WRAPPINGS,
  ...FREQUENCIES,
  ...TIMES,
  ...ONCE_WITHIN,
  ...DAYS,
  ...EXCEPTIONS,
  ...FACTS,
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

const two = (number: string | undefined): string => (number ?? '').padStart(2, '0')

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
  exactly times if`.split(/\s+/)
