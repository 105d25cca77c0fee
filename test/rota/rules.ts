/**
 * The rules of schedules once more, written from what they promise and not from the code: an evaluator that walks time from
 * instant to instant, looks at everything at each, and keeps no mark of when to look next.
 */

export interface Case {
  /** The schedule as it is first, and as later deployments declare it. */
  readonly plans: readonly Plan[]
  readonly happenings: readonly Happening[]
  /** What the n-th minute since the beginning gives a run that starts in it: how many minutes it lasts, and its end. */
  readonly works: readonly Work[]
  readonly minutes: number
}

export interface Work {
  readonly minutes: number
  readonly fails: boolean
}

export interface Plan {
  readonly clauses: readonly Clause[]
  readonly graceMinutes: number
  readonly catchUp: 'latest' | 'none' | { readonly limit: number; readonly windowMinutes: number }
  readonly overlap: 'skip' | 'queue' | 'cancelPrevious' | { readonly queueAll: number } | { readonly allow: number }
  readonly maxRuns: number | null
  readonly startAt: number | null
  readonly endAt: number | null
  readonly stopWhen: Window | null
}

export interface Clause {
  /** What says when; null: its events do, or a start of the app. */
  readonly moment: Moment | null
  readonly onStart: boolean
  readonly window: Window | null
  readonly events: readonly Event[]
  readonly states: readonly State[]
}

export type Moment =
  | { readonly every: number }
  | { readonly hourlyAt: number }
  /** Minutes after midnight. */
  | { readonly dailyAt: number }

/** Minutes after midnight, the second excluded; the first may be the greater. */
export interface Window {
  readonly from: number
  readonly to: number
}

export interface Event {
  /** `null`: the schedule itself. */
  readonly task: string | null
  readonly outcome: 'succeeds' | 'fails' | 'finishes'
  readonly delayMinutes: number
}

export type State =
  | { readonly kind: 'running'; readonly task: string; readonly negated: boolean }
  | {
      readonly kind: 'count'
      readonly task: string
      readonly what: 'succeeded' | 'failed' | 'finished' | 'started' | 'been skipped'
      readonly lastMinutes: number | null
      readonly compare: 'at least' | 'fewer than' | 'exactly'
      readonly times: number
    }

export interface Happening {
  /** Minutes after the beginning; half a minute is added. */
  readonly at: number
  readonly what:
    | { readonly kind: 'hand'; readonly task: string; readonly minutes: number; readonly fails: boolean }
    | { readonly kind: 'down'; readonly minutes: number; readonly plan: number }
    | { readonly kind: 'pause' }
    | { readonly kind: 'resume' }
    | { readonly kind: 'step'; readonly minutes: number }
}

/** One row as it is compared. */
export interface Fate {
  readonly nominal: number
  readonly became: string
  readonly startedAt: number | null
  readonly isEvent: boolean
}

export const MINUTE = 60_000
export const SECOND = 1_000
export const BEGINNING = Date.UTC(2026, 0, 5)
const BACK_TOO_FAR = 60 * MINUTE

/** Two things at one instant whose order no rule tells. */
export class Undecidable extends Error {}

interface Row {
  readonly id: number
  readonly clauses: readonly number[]
  readonly nominal: number
  readonly cause: number | null
  readonly isEvent: boolean
  readonly deadline: number
  state: 'open' | 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled' | 'skipped'
  reason: string
  startedAt: number | null
  endedAt: number | null
}

interface End {
  readonly run: number
  readonly task: string
  readonly failed: boolean
  readonly at: number
  usedTo: number
}

interface Going {
  readonly task: string
  readonly row: Row | null
  readonly endsAfter: number
  readonly fails: boolean
  readonly startedAt: number
  readonly run: number
}

interface Past {
  readonly task: string
  readonly what: 'started' | 'succeeded' | 'failed' | 'been skipped'
  readonly at: number
}

interface AtHand {
  readonly nominal: number
  readonly clauses: readonly number[]
  readonly row: Row | null
  readonly cause: number | null
  readonly isEvent: boolean
  readonly isStart: boolean
}

interface Holding extends AtHand {
  /** The first clause that holds. */
  readonly clause: number
}

export const predict = (it: Case): readonly Fate[] => new World(it).walk()

class World {
  readonly #case: Case
  #plan: Plan
  // Time that passes, and what the wall adds to it.
  #steady = BEGINNING + 10 * SECOND
  #ahead = 0
  #mark: number
  #since: number
  #isUp = true
  #isPaused = false
  #isOver = false
  #created = 0
  #lastId = 0
  #starts: number[] = []
  readonly #rows: Row[] = []
  readonly #decided = new Set<number>()
  #unused: End[] = []
  #going: Going[] = []
  readonly #past: Past[] = []
  readonly #agenda: {
    at: number
    readonly kind: 'happening' | 'start' | 'started'
    readonly happening: Happening | null
  }[]

  constructor(it: Case) {
    this.#case = it
    this.#plan = it.plans[0]!
    this.#mark = this.#now
    this.#since = this.#now
    this.#agenda = it.happenings.map(happening => ({
      at: BEGINNING + happening.at * MINUTE + 30 * SECOND,
      kind: 'happening' as const,
      happening,
    }))
  }

  get #now(): number {
    return this.#steady + this.#ahead
  }

  walk(): readonly Fate[] {
    this.#begin()
    const end = BEGINNING + this.#case.minutes * MINUTE + 55 * SECOND
    for (let next = this.#next(); next <= end; next = this.#next()) {
      this.#steady = next
      this.#live()
    }
    return this.#rows.map(row => ({
      nominal: row.nominal,
      became: row.state === 'skipped' ? `skipped ${row.reason}` : row.state,
      startedAt: row.startedAt,
      isEvent: row.isEvent,
    }))
  }

  /** The next instant, on the steady line, at which anything can be otherwise. */
  #next(): number {
    const onWall = [
      (Math.floor(this.#now / MINUTE) + 1) * MINUTE,
      ...this.#open('facts').map(({ deadline }) => deadline + 1),
      ...this.#dues(),
      ...this.#leaving(),
    ].filter(at => at > this.#now)
    return Math.min(
      ...onWall.map(at => at - this.#ahead),
      ...this.#going.map(({ endsAfter }) => endsAfter),
      ...this.#agenda.map(({ at }) => at),
    )
  }

  #dues(): readonly number[] {
    return this.#plan.clauses.flatMap(({ events }) =>
      events.flatMap(event => this.#occurrences(event).map(({ due }) => due)),
    )
  }

  /** When something counted leaves its period. */
  #leaving(): readonly number[] {
    return this.#plan.clauses
      .flatMap(({ states }) => states)
      .flatMap(state =>
        state.kind === 'count' && state.lastMinutes !== null
          ? this.#past.map(({ at }) => at + (state.lastMinutes ?? 0) * MINUTE)
          : [],
      )
  }

  #live(): void {
    const ending = this.#going.filter(({ endsAfter }) => endsAfter === this.#steady)
    const happening = this.#agenda.filter(({ at }) => at === this.#steady)
    const isMinute = this.#now % MINUTE === 0
    const isDue = this.#dues().includes(this.#now)
    if (ending.length + happening.length + Number(isMinute) + Number(isDue) > 1) throw new Undecidable()
    for (const one of ending) this.#end(one, one.fails ? 'failed' : 'succeeded')
    for (const one of happening) {
      this.#agenda.splice(this.#agenda.indexOf(one), 1)
      if (one.kind === 'start') this.#begin()
      else if (one.happening !== null) this.#happen(one.happening)
    }
    this.#judge()
  }

  // ---- what happens

  #happen({ what }: Happening): void {
    switch (what.kind) {
      case 'hand':
        if (this.#isUp) this.#start(what.task, null, { minutes: what.minutes, fails: what.fails })
        return
      case 'down':
        if (this.#isUp) this.#goDown(what.minutes, what.plan)
        return
      case 'pause':
        if (this.#isUp && !this.#isPaused) this.#pause()
        return
      case 'resume':
        if (!this.#isUp || !this.#isPaused) return
        this.#judge()
        this.#isPaused = false
        this.#executeQueued()
        return
      case 'step':
        this.#ahead += what.minutes * MINUTE
        return
      default:
        what satisfies never
    }
  }

  #pause(): void {
    for (const row of this.#open('facts')) this.#skip(row, 'paused')
    for (const row of this.#open('overlap')) this.#skip(row, 'paused')
    this.#isPaused = true
  }

  #goDown(minutes: number, plan: number): void {
    // Stopped without patience: what runs has one attempt, and fails. Nothing starts any more.
    if (this.#going.length > 1) throw new Undecidable()
    this.#isStopping = true
    for (const one of this.#going) this.#end(one, 'failed')
    this.#isStopping = false
    this.#isUp = false
    this.#agenda.push({ at: this.#steady + minutes * MINUTE + 3 * SECOND, kind: 'start', happening: null })
    this.#nextPlan = plan
  }

  #isStopping = false
  #nextPlan = 0

  #begin(): void {
    this.#isUp = true
    const plan = this.#case.plans[this.#nextPlan] ?? this.#plan
    if (plan !== this.#plan) this.#edit(plan)
    this.#executeQueued()
    this.#judge()
    this.#starts.push(this.#now + 1)
    this.#agenda.push({ at: this.#steady + 1, kind: 'started', happening: null })
  }

  // What waits for a worker finds one.
  #executeQueued(): void {
    if (!this.#isPaused) for (const row of this.#rows) if (row.state === 'queued') this.#execute(row)
  }

  #edit(plan: Plan): void {
    for (const row of [...this.#open('facts'), ...this.#open('overlap')]) this.#skip(row, 'edited')
    this.#plan = plan
    this.#mark = this.#now
    this.#since = this.#now
    this.#unused = []
    this.#isOver = false
  }

  #start(task: string, row: Row | null, { minutes, fails }: Work): void {
    const run = row?.id ?? ++this.#lastId
    const extra = row === null ? 2 : 1
    const endsAfter = this.#steady + minutes * MINUTE + extra * SECOND
    this.#going.push({ task, row, endsAfter, fails, startedAt: this.#now, run })
    this.#past.push({ task, what: 'started', at: this.#now })
    if (row !== null) {
      row.state = 'running'
      row.startedAt = this.#now
    }
    if (task !== 'work') this.#judge()
  }

  #end(one: Going, outcome: 'succeeded' | 'failed' | 'cancelled'): void {
    this.#going = this.#going.filter(other => other !== one)
    if (one.row !== null) {
      one.row.state = outcome
      one.row.endedAt = this.#now
    }
    if (outcome !== 'cancelled') {
      this.#past.push({ task: one.task, what: outcome, at: this.#now })
      const isAwaited = this.#plan.clauses.some(({ events }) => events.some(({ task }) => task === one.task))
      const end = { run: one.run, task: one.task, failed: outcome === 'failed', at: this.#now, usedTo: -Infinity }
      if (isAwaited) this.#unused.push(end)
    }
    this.#judge()
  }

  // ---- judging

  #judge(): void {
    if (!this.#isUp) return
    const now = this.#now
    if (this.#mark > now + BACK_TOO_FAR) throw new Undecidable()
    const stops = this.#plan.stopWhen !== null && isIn(this.#plan.stopWhen, now)
    if (this.#isOver) return stops ? this.#stopAll() : undefined
    const until = Math.min(now, this.#plan.endAt ?? Infinity)
    const from = Math.max(this.#mark, (this.#plan.startAt ?? 1) - 1)
    const undecided = this.#momentsIn(from, until)
    const starts = this.#starts.filter(at => at > from && at <= until && this.#isStartOf(at))
    if (this.#left() <= 0) return this.#finish()
    if (this.#isPaused) return this.#refuse(undecided, starts, 'paused', until)
    if (stops) {
      this.#refuse(undecided, starts, 'condition', until)
      for (const row of [...this.#open('facts'), ...this.#open('overlap')]) this.#skip(row, 'condition')
      return this.#stopAll()
    }
    const skips = this.#skips
    this.#decide(undecided, starts, until)
    // What is skipped is counted at once.
    if (this.#skips > skips && this.#plan.clauses.some(({ states }) => states.some(countsSkips))) this.#judge()
  }

  get #skips(): number {
    return this.#past.filter(({ what }) => what === 'been skipped').length
  }

  // Also what runs of a schedule that is over.
  #stopAll(): void {
    for (const one of this.#going.filter(({ row }) => row !== null)) this.#end(one, 'cancelled')
  }

  #refuse(undecided: readonly number[], starts: readonly number[], reason: string, until: number): void {
    for (const nominal of [...undecided, ...starts]) this.#record(nominal, null, false, 'skipped', reason)
    const events = this.#eventsAtHand()
    for (const one of events) if (one.row === null) this.#record(one.nominal, one.cause, true, 'skipped', reason)
    this.#mark = Math.max(this.#mark, ...undecided, ...starts)
    if (this.#isPaused || undecided.length + starts.length + events.length > 0) this.#useEvents(until)
  }

  #decide(undecided: readonly number[], starts: readonly number[], until: number): void {
    const now = this.#now
    const hand = [...this.#momentsAtHand(undecided, starts), ...this.#eventsAtHand()]
    let isDecided = false
    const skip = (one: AtHand, reason: string): void => {
      if (one.row === null) this.#record(one.nominal, one.cause, one.isEvent, 'skipped', reason)
      else this.#skip(one.row, reason)
      if (reason !== 'coalesced') isDecided = true
    }
    const judged = hand.map(one => ({ one, ...this.#fateOf(one) }))
    // Rows that newer ones replace.
    for (const row of this.#open('facts')) {
      // The clock may have been set back to before its event.
      const isAhead = this.#unused.some(({ run, at }) => run === row.cause && at > now)
      if (isAhead || hand.some(one => one.row === row)) continue
      const isBeyond = now >= row.deadline
      this.#skip(row, isBeyond ? 'condition' : 'coalesced')
      if (isBeyond) isDecided = true
    }
    const holding: Holding[] = []
    const fates = new Map<number, string>()
    for (const { one, fate, clause } of judged) {
      fates.set(one.nominal, fate)
      if (fate === 'holds') holding.push({ ...one, clause })
      else if (fate === 'open') {
        if (one.row === null) this.#record(one.nominal, one.cause, one.isEvent, 'open', 'facts', one.clauses)
      } else skip(one, fate)
    }
    holding.sort((a, b) => a.nominal - b.nominal)
    const wanted: AtHand[] = this.#caughtUp(holding, undecided)
    const nominals = new Set(wanted.map(one => one.nominal))
    const isAll = typeof this.#plan.catchUp === 'object'
    for (const one of holding)
      if (!wanted.includes(one) && !nominals.has(one.nominal)) {
        const isNew = !one.isEvent && !one.isStart && one.row === null
        const reason = isNew && this.#plan.catchUp !== 'latest' ? 'missed' : 'coalesced'
        fates.set(one.nominal, reason)
        skip(one, reason)
      }
    // All other moments share the fate of the next newer one that is at hand.
    for (const nominal of [...undecided, ...starts]) {
      if (this.#decided.has(nominal) || nominals.has(nominal)) continue
      const standing = [...hand, ...wanted].filter(one => !one.isEvent)
      const newer = standing.filter(one => one.nominal > nominal).sort((x, y) => x.nominal - y.nominal)[0]
      const reason = this.#fateBefore(
        newer,
        fates,
        newer !== undefined &&
          nominals.has(newer.nominal) &&
          isAll &&
          !wanted.some(one => !one.isEvent && one.nominal < nominal),
      )
      this.#record(nominal, null, false, 'skipped', reason)
      if (reason !== 'coalesced') isDecided = true
    }
    this.#mark = Math.max(this.#mark, ...undecided, ...starts)
    // As many as the schedule still has runs.
    const left = this.#left()
    for (const one of wanted.slice(Math.max(0, left))) skip(one, 'ended')
    if (this.#place(wanted.slice(0, Math.max(0, left)))) isDecided = true
    if (isDecided) this.#useEvents(until)
    if (this.#left() <= 0) this.#finish()
    if (this.#plan.endAt !== null && now > this.#plan.endAt) {
      for (const row of this.#open('facts')) this.#skip(row, 'ended')
    }
  }

  /** What becomes of a moment before this one. */
  #fateBefore(newer: AtHand | undefined, fates: ReadonlyMap<number, string>, isBeyond: boolean): string {
    const fate = newer === undefined ? 'missed' : (fates.get(newer.nominal) ?? 'holds')
    if (isBeyond || this.#plan.catchUp === 'none') return fate === 'condition' ? fate : 'missed'
    return fate === 'missed' || fate === 'condition' ? fate : 'coalesced'
  }

  #finish(): void {
    for (const row of this.#open('facts')) this.#skip(row, 'ended')
    // What waits for an earlier run has its place.
    if (this.#open('overlap').length === 0) this.#isOver = true
    else this.#place([])
  }

  #left(): number {
    return (this.#plan.maxRuns ?? Infinity) - this.#created - this.#open('overlap').length
  }

  #momentsAtHand(undecided: readonly number[], starts: readonly number[]): readonly AtHand[] {
    const found = new Map<number, AtHand>()
    for (const [index, clause] of this.#plan.clauses.entries()) {
      if (clause.moment === null && !clause.onStart) continue
      const own = clause.onStart
        ? starts.filter(at => clause.window === null || isIn(clause.window, at))
        : undecided.filter(at => isMomentOf(clause, at))
      const row = this.#open('facts').findLast(each => !each.isEvent && each.clauses.includes(index)) ?? null
      const newest = own.at(-1) ?? row?.nominal
      if (newest === undefined) continue
      const known = found.get(newest)
      found.set(newest, {
        nominal: newest,
        clauses: [...(known?.clauses ?? []), index],
        row: known?.row ?? (own.length === 0 ? row : null),
        cause: null,
        isEvent: false,
        isStart: clause.onStart,
      })
    }
    return [...found.values()]
  }

  #eventsAtHand(): readonly AtHand[] {
    const found = new Map<string, AtHand>()
    for (const [index, clause] of this.#plan.clauses.entries()) {
      if (clause.moment !== null || clause.onStart) continue
      const each = clause.events.map(event => this.#newest(event))
      if (each.some(one => one === null)) continue
      const last = each
        .map(one => one!)
        .sort((a, b) => a.due - b.due || (a.run ?? 0) - (b.run ?? 0))
        .at(-1)!
      if (last.due < (this.#plan.startAt ?? -Infinity) || last.due > (this.#plan.endAt ?? Infinity)) continue
      const { due: nominal, run: cause } = last
      if (this.#plan.clauses.some(other => isMomentOf(other, nominal))) throw new Undecidable()
      const key = `${cause} ${nominal}`
      const isIt = (row: Row): boolean => row.isEvent && row.cause === cause && row.nominal === nominal
      if (this.#rows.some(row => isIt(row) && !(row.state === 'open' && row.reason === 'facts'))) continue
      const row = this.#open('facts').find(isIt) ?? null
      const clauses = [...(found.get(key)?.clauses ?? []), index]
      found.set(key, { nominal, clauses, row, cause, isEvent: true, isStart: false })
    }
    return [...found.values()]
  }

  #isStartOf(at: number): boolean {
    return this.#plan.clauses.some(({ onStart, window }) => onStart && (window === null || isIn(window, at)))
  }

  /** What becomes of one at hand, and which clause holds. */
  #fateOf(one: AtHand): { readonly fate: string; readonly clause: number } {
    const now = this.#now
    const deadline = one.row?.deadline ?? (one.isEvent ? Infinity : one.nominal + this.#plan.graceMinutes * MINUTE)
    const isLate = now > deadline
    const told = (fate: string) => ({ fate, clause: -1 })
    if (isLate && one.row !== null) return told('condition')
    if (isLate && this.#plan.catchUp === 'none') return told('missed')
    const inTime = one.clauses.filter(index => this.#allowsNow(index, one))
    const clause = inTime.find(index => this.#factsHold(this.#plan.clauses[index]!))
    if (clause !== undefined) return { fate: 'holds', clause }
    if (!isLate) return told('open')
    return told(inTime.length === 0 ? 'missed' : 'condition')
  }

  #factsHold(clause: Clause): boolean {
    return (
      clause.states.every(state => this.#holds(state)) && clause.events.every(event => this.#newest(event) !== null)
    )
  }

  /** What is wanted of what holds: the newest, or each. */
  #caughtUp(holding: readonly Holding[], undecided: readonly number[]): AtHand[] {
    const { catchUp, graceMinutes } = this.#plan
    if (typeof catchUp === 'string') return holding.slice(-1)
    const isNew = (one: AtHand): boolean => !one.isEvent && !one.isStart && one.row === null
    const inWindow = (at: number): boolean => this.#now - at <= catchUp.windowMinutes * MINUTE
    const moments = new Map<number, AtHand>()
    for (const one of holding.filter(each => isNew(each) && inWindow(each.nominal))) {
      const clause = this.#plan.clauses[one.clause]!
      const isShut = clause.window !== null && !isIn(clause.window, this.#now)
      const older = undecided
        .filter(at => at < one.nominal && isMomentOf(clause, at) && inWindow(at))
        .filter(at => !isShut || this.#now - at <= graceMinutes * MINUTE)
      for (const nominal of older) moments.set(nominal, { ...one, nominal, row: null, clauses: [one.clause] })
    }
    for (const one of holding.filter(each => isNew(each) && inWindow(each.nominal))) moments.set(one.nominal, one)
    const newest = [...moments.values()].sort((a, b) => a.nominal - b.nominal).slice(-catchUp.limit)
    return [...newest, ...holding.filter(one => !isNew(one))].sort((a, b) => a.nominal - b.nominal)
  }

  // A moment has named a time that its windows contain: only later than its grace must they be open now.
  #allowsNow(index: number, one: AtHand): boolean {
    const { window } = this.#plan.clauses[index]!
    const isLate = !one.isEvent && this.#now > one.nominal + this.#plan.graceMinutes * MINUTE
    return (!one.isEvent && !isLate) || window === null || isIn(window, this.#now)
  }

  /** Starts them, lets them wait or skips them. Whether that decided anything. */
  #place(wanted: readonly AtHand[]): boolean {
    const { overlap, catchUp } = this.#plan
    const kind = typeof catchUp === 'object' && overlap === 'skip' ? { queueAll: catchUp.limit } : overlap
    const waiting = this.#open('overlap')
    const busy = this.#rows.filter(({ state }) => state === 'running' || state === 'queued')
    if (kind === 'skip') return this.#placeUpTo(wanted, 1 - busy.length)
    if (kind === 'queue') return this.#placeNewest(wanted, waiting, busy.length > 0)
    if (kind === 'cancelPrevious') {
      if (wanted.length === 0) return this.#placeNewest(wanted, waiting, busy.length > 0)
      for (const one of this.#going.filter(({ row }) => row !== null)) {
        this.#going = this.#going.filter(other => other !== one)
        one.row!.state = 'cancelled'
        one.row!.endedAt = this.#now
      }
      for (const row of busy) if (row.state === 'queued') row.state = 'cancelled'
      return this.#placeNewest(wanted, waiting, false)
    }
    if ('allow' in kind) return this.#placeUpTo(wanted, kind.allow - busy.length)
    let isBusy = busy.length > 0
    let room = kind.queueAll - waiting.length
    let isDecided = false
    if (!isBusy && waiting[0] !== undefined) {
      this.#begins(waiting[0])
      isBusy = true
      isDecided = true
      room++
    }
    for (const one of wanted) {
      isDecided = true
      if (!isBusy) this.#run(one)
      else if (room > 0) {
        this.#wait(one)
        room--
      } else this.#refuseOne(one, 'overlap')
      isBusy = true
    }
    return isDecided
  }

  #placeUpTo(wanted: readonly AtHand[], free: number): boolean {
    for (const [i, one] of wanted.entries()) {
      if (i < free) this.#run(one)
      else this.#refuseOne(one, 'overlap')
    }
    return wanted.length > 0
  }

  #placeNewest(wanted: readonly AtHand[], waiting: readonly Row[], isBusy: boolean): boolean {
    const newest = wanted.at(-1)
    if (newest === undefined) {
      if (isBusy || waiting[0] === undefined) return false
      this.#begins(waiting[0])
      return true
    }
    for (const one of wanted.slice(0, -1)) this.#refuseOne(one, 'coalesced')
    for (const row of waiting) this.#skip(row, 'coalesced')
    if (isBusy) this.#wait(newest)
    else this.#run(newest)
    return true
  }

  #refuseOne(one: AtHand, reason: string): void {
    if (one.row === null) this.#record(one.nominal, one.cause, one.isEvent, 'skipped', reason)
    else this.#skip(one.row, reason)
  }

  #run(one: AtHand): void {
    this.#begins(one.row ?? this.#record(one.nominal, one.cause, one.isEvent, 'open', 'facts', one.clauses))
  }

  #wait(one: AtHand): void {
    const row = one.row ?? this.#record(one.nominal, one.cause, one.isEvent, 'open', 'facts', one.clauses)
    row.reason = 'overlap'
  }

  #begins(row: Row): void {
    this.#created++
    row.state = 'queued'
    if (!this.#isStopping) this.#execute(row)
  }

  #execute(row: Row): void {
    const minute = Math.floor((this.#now - BEGINNING) / MINUTE)
    const works = this.#case.works
    this.#start('work', row, works[((minute % works.length) + works.length) % works.length]!)
  }

  #record(
    nominal: number,
    cause: number | null,
    isEvent: boolean,
    state: Row['state'],
    reason: string,
    clauses: readonly number[] = [],
  ): Row {
    const deadline = isEvent ? Infinity : nominal + this.#plan.graceMinutes * MINUTE
    const base = { id: ++this.#lastId, clauses, nominal, cause, isEvent, deadline, startedAt: null }
    const row: Row = { ...base, state, reason, endedAt: state === 'skipped' ? this.#now : null }
    this.#rows.push(row)
    if (!isEvent) this.#decided.add(nominal)
    if (state === 'skipped') this.#past.push({ task: 'work', what: 'been skipped', at: this.#now })
    return row
  }

  #skip(row: Row, reason: string): void {
    row.state = 'skipped'
    row.reason = reason
    row.endedAt = this.#now
    this.#past.push({ task: 'work', what: 'been skipped', at: this.#now })
  }

  #open(waitsFor: 'facts' | 'overlap'): readonly Row[] {
    return this.#rows.filter(({ state, reason }) => state === 'open' && reason === waitsFor)
  }

  #momentsIn(from: number, until: number): readonly number[] {
    const found: number[] = []
    for (let at = (Math.floor(from / MINUTE) + 1) * MINUTE; at <= until; at += MINUTE)
      if (this.#plan.clauses.some(clause => isMomentOf(clause, at))) found.push(at)
    return found
  }

  // ---- facts

  #occurrences(event: Event): readonly { readonly due: number; readonly run: number | null }[] {
    if (event.task === null) return this.#ownEnd(event)
    return this.#unused
      .filter(
        ({ task, failed }) =>
          task === event.task && (event.outcome === 'finishes' || failed === (event.outcome === 'fails')),
      )
      .map(({ run, at, usedTo }) => ({ run, due: at + event.delayMinutes * MINUTE, usedTo }))
      .filter(({ due, usedTo }) => due > usedTo)
  }

  #ownEnd({ delayMinutes }: Event): readonly { readonly due: number; readonly run: number | null }[] {
    const last = this.#rows.findLast(({ state, reason }) => state !== 'open' || reason !== 'facts')
    const beginning = Math.max(this.#since, this.#plan.startAt ?? -Infinity)
    if (last === undefined) return [{ due: beginning + delayMinutes * MINUTE, run: null }]
    return last.endedAt === null ? [] : [{ due: last.endedAt + delayMinutes * MINUTE, run: null }]
  }

  #newest(event: Event): { readonly due: number; readonly run: number | null } | null {
    return (
      this.#occurrences(event)
        .filter(({ due }) => due <= this.#now)
        .sort((a, b) => a.due - b.due || (a.run ?? 0) - (b.run ?? 0))
        .at(-1) ?? null
    )
  }

  #useEvents(until: number): void {
    for (const end of this.#unused) end.usedTo = Math.max(end.usedTo, until)
  }

  #holds(state: State): boolean {
    if (state.kind === 'running') return this.#going.some(({ task }) => task === state.task) !== state.negated
    const { task, what, lastMinutes, compare, times } = state
    const since = lastMinutes === null ? -Infinity : this.#now - lastMinutes * MINUTE
    const count = this.#past.filter(
      one =>
        one.task === task &&
        (one.what === what || (what === 'finished' && ['succeeded', 'failed'].includes(one.what))) &&
        one.at > since,
    ).length
    return compare === 'at least' ? count >= times : compare === 'fewer than' ? count < times : count === times
  }
}

const minuteOfDay = (at: number): number => Math.floor(at / MINUTE) % 1_440

const isIn = ({ from, to }: Window, at: number): boolean => {
  const minute = minuteOfDay(at)
  return from < to ? minute >= from && minute < to : minute >= from || minute < to
}

export const isMomentOf = ({ moment, window }: Clause, at: number): boolean => {
  if (moment === null || at % MINUTE !== 0) return false
  const named = minuteOfDay(at)
  const is =
    'every' in moment
      ? ((at - BEGINNING) / MINUTE) % moment.every === 0
      : 'hourlyAt' in moment
        ? named % 60 === moment.hourlyAt
        : named === moment.dailyAt
  return is && (window === null || isIn(window, at))
}

const countsSkips = (state: State): boolean => state.kind === 'count' && state.what === 'been skipped'
