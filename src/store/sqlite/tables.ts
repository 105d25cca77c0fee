/** The tables of one connection, and what is remembered of them between statements. */

import type { DatabaseSync } from 'node:sqlite'
import type { Instant } from '../../base/instant.ts'
import type { Subject } from '../../domain/opportunity.ts'
import { Statement } from './statement.ts'
import { News } from './news.ts'
import { Alarms } from './tables/alarms.ts'
import { Attempts } from './tables/attempts.ts'
import { Calendars } from './tables/calendars.ts'
import { Ends } from './tables/ends.ts'
import { Events } from './tables/events.ts'
import { Facts } from './tables/facts.ts'
import { Flows } from './tables/flows.ts'
import { Healths } from './tables/healths.ts'
import { Held } from './tables/held.ts'
import { Hosts } from './tables/hosts.ts'
import { Items } from './tables/items.ts'
import { Lanes } from './tables/lanes.ts'
import { Logs } from './tables/logs.ts'
import { Names } from './tables/names.ts'
import { Notices } from './tables/notices.ts'
import { Opportunities } from './tables/opportunities.ts'
import { Pauses } from './tables/pauses.ts'
import { ProgressTable } from './tables/progress.ts'
import { Rates } from './tables/rates.ts'
import { Retention } from './tables/retention.ts'
import { RunLists } from './tables/run-lists.ts'
import { Runs } from './tables/runs.ts'
import { Running } from './tables/running.ts'
import { Schedules } from './tables/schedules.ts'
import { Starts } from './tables/starts.ts'
import { Tally } from './tables/tally.ts'
import { TaskStates } from './tables/task-states.ts'
import { Units } from './tables/units.ts'
import { UnusedEnds } from './tables/unused-ends.ts'
import { Waiting } from './tables/waiting.ts'
import { Waits } from './tables/waits.ts'
import { Watches } from './tables/watches.ts'
import { Workers } from './tables/workers.ts'

export class Tables {
  readonly names: Names
  readonly lanes: Lanes
  readonly schedules: Schedules
  readonly runs: Runs
  readonly runLists: RunLists
  readonly opportunities: Opportunities
  readonly waiting: Waiting
  readonly running: Running
  readonly pauses: Pauses
  readonly rates: Rates
  readonly attempts: Attempts
  readonly ends: Ends
  readonly units: Units
  readonly flows: Flows
  readonly logs: Logs
  readonly progress: ProgressTable
  readonly taskStates: TaskStates
  readonly items: Items
  readonly healths: Healths
  readonly held: Held
  readonly hosts: Hosts
  readonly workers: Workers
  readonly events: Events
  readonly retention: Retention
  readonly waits: Waits
  readonly unusedEnds: UnusedEnds
  readonly tally: Tally
  readonly starts: Starts
  readonly calendars: Calendars
  readonly facts: Facts
  readonly notices: Notices
  readonly alarms: Alarms
  readonly watches: Watches
  readonly news: News
  readonly #dataVersion: Statement<readonly [version: number]>
  #version = -1

  constructor(database: DatabaseSync) {
    this.names = new Names(database)
    this.lanes = new Lanes(database, this.names)
    this.schedules = new Schedules(database, this.names)
    this.ends = new Ends(database)
    this.waits = new Waits(database, this.names)
    this.news = new News(this.waits)
    this.runs = new Runs(database, this.names, this.lanes, this.ends, this.schedules, this.news)
    this.runLists = new RunLists(database, this.names, this.lanes, this.schedules, this.ends)
    this.opportunities = new Opportunities(database, this.ends)
    this.waiting = new Waiting(database)
    this.running = new Running(database, this.names)
    this.pauses = new Pauses(database, this.names)
    this.rates = new Rates(database, this.names)
    this.attempts = new Attempts(database, this.names)
    this.units = new Units(database, this.names)
    this.flows = new Flows(database, this.names, this.lanes)
    this.logs = new Logs(database)
    this.progress = new ProgressTable(database)
    this.taskStates = new TaskStates(database, this.names)
    this.items = new Items(database, this.names)
    this.healths = new Healths(database)
    this.held = new Held(database)
    this.hosts = new Hosts(database)
    this.workers = new Workers(database)
    this.events = new Events(database)
    this.retention = new Retention(database)
    this.unusedEnds = new UnusedEnds(database, this.names)
    this.tally = new Tally(database, this.names)
    this.starts = new Starts(database)
    this.calendars = new Calendars(database)
    this.facts = new Facts(database, this)
    this.notices = new Notices(database)
    this.alarms = new Alarms(database)
    this.watches = new Watches(database)
    this.#dataVersion = new Statement(database, 'PRAGMA data_version')
  }

  /** A number that changes whenever another connection has committed. */
  dataVersion(): number {
    return this.#dataVersion.first()?.[0] ?? -1
  }

  /** A schedule as a person wants it explained. Outside a transaction: what is remembered may be old. */
  subject(name: string, at: Instant): Subject | null {
    const version = this.dataVersion()
    if (version !== this.#version) this.#forgetRows()
    this.#version = version
    const schedule = this.schedules.named(name)
    if (schedule === null) return null
    return { schedule, ...this.opportunities.live(schedule.id), known: this.facts.of(schedule, at, true) }
  }

  /** To be called when a transaction has begun: what is remembered is good only if nobody else has written. */
  begin(): void {
    const version = this.dataVersion()
    if (version !== this.#version) this.#forgetRows()
    this.#version = version
    this.notices.takeWrote()
  }

  /** Writes what the changes so far left to be written once. */
  flush(): void {
    this.healths.flush()
    this.ends.flush()
  }

  /** To be called when something was rolled back: what is remembered may never have been. */
  forget(): void {
    this.names.forget()
    this.lanes.forget()
    this.#forgetRows()
    this.ends.forget()
    this.news.forget()
  }

  #forgetRows(): void {
    this.schedules.forget()
    this.runs.forget()
    this.healths.forget()
    this.waits.forget()
    this.calendars.forget()
    this.notices.forget()
    this.pauses.forget()
  }
}
