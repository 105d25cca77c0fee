/** Habits from elsewhere that have no one spelling here: what they leave open, or where it is said instead. */

export interface Lesson {
  /** What to write instead, as it follows "expected". */
  readonly expected: string
  /** Whether several things could be meant, so that none is suggested. */
  readonly isOpen: boolean
}

/** The lesson about a text that cannot be read, where one is known; `found` is what stands at the place where reading ended. */
export const lessonOn = (text: string, found: string): Lesson | undefined => {
  const word = found.toLowerCase()
  return Object.hasOwn(WORDS, word) ? WORDS[word] : TEXTS.find(([habit]) => habit.test(text))?.[1]
}

const open = (expected: string): Lesson => ({ expected, isOpen: true })
const elsewhere = (expected: string): Lesson => ({ expected, isOpen: false })

const A_DATE = open('a date such as `at 2026-12-01T09:00`, or a distance such as `in 10 minutes`')
const A_PERIOD = open('a period: `today`, `this week`, `in the last 24 hours`')
const ONE_LENGTH = open('one length of time, such as `every 5 minutes`; the option `jitter` spreads runs')
const HOW_OFTEN = open('how often, such as `every minute`; a schedule that is to rest is paused')
const A_TIME = elsewhere('a time of day, such as `daily at 08:00`, or a window, such as `between 06:00 and 12:00`')
const MONTHS = open('months, such as `in June-August`')
const A_DAY = open("a date, such as `yearly on 25 December`, or a set of dates by its name, such as `on 'holidays'`")
const A_START = elsewhere(
  'no beginning here: it is an option of the schedule, `startAt`, or `anchor` for where intervals count from',
)

/** By the word that could not be read. */
const WORDS: Readonly<Record<string, Lesson>> = {
  tomorrow: A_DATE,
  tonight: A_DATE,
  today: A_DATE,
  next: A_DATE,
  yesterday: A_PERIOD,
  since: A_PERIOD,
  few: ONE_LENGTH,
  couple: ONE_LENGTH,
  several: ONE_LENGTH,
  always: HOW_OFTEN,
  never: HOW_OFTEN,
  true: HOW_OFTEN,
  false: HOW_OFTEN,
  morning: A_TIME,
  afternoon: A_TIME,
  evening: A_TIME,
  night: A_TIME,
  nightly: A_TIME,
  starting: A_START,
  spring: MONTHS,
  summer: MONTHS,
  autumn: MONTHS,
  winter: MONTHS,
  easter: A_DAY,
  christmas: A_DAY,
  odd: open('days of the month, such as `0 0 1-31/2 * *`, or `every 2 days`'),
  even: open('days of the month, such as `0 0 2-30/2 * *`, or `every 2 days`'),
}

const A_ZONE = elsewhere('no time zone here: it is an option of the schedule, `timezone`')
const SOME_TIMES = open(
  'the times, such as `daily at 09:00 and 18:00`, or the days, such as `every Monday and Thursday`',
)

/** By the whole text. */
const TEXTS: readonly (readonly [habit: RegExp, lesson: Lesson])[] = [
  [/^\s*(?:cron_)?tz=/i, A_ZONE],
  [/\s(?:UTC|GMT|[A-Z][a-z]+\/[A-Z][A-Za-z_]+)\s*$/, A_ZONE],
  [
    /\bbi-?(?:weekly|monthly|annual(?:ly)?|daily|hourly)\b/i,
    open('either `every 2 weeks` (or months), or two days, such as `every Monday and Thursday`'),
  ],
  [/\b(?:twice|thrice|(?:two|three|four|\d+) times) (?:an?|per|every|each|daily|weekly|monthly)\b/i, SOME_TIMES],
  [/\bevery \d+ ?(?:-|–|to|or) ?\d+ \w+/i, ONE_LENGTH],
  [
    /^\s*(?:\S+\s+){6}(?:19|20)\d\d\s*$/,
    elsewhere('no year: join a window, such as `from 2026-01-01 until 2027-01-01`'),
  ],
  [
    /^\s*(?:[\d*][\d*,/-]*\s+){4}(?:[\d*][\d*,/-]*|[A-Z]{3}(?:-[A-Z]{3})?)\s+(?!(?:and|or)\b)[/.~a-z]/i,
    elsewhere('no command: what runs is the task of the schedule'),
  ],
]
