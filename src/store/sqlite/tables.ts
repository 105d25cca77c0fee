/** The tables of one connection, and what is remembered of them between statements. */

import type { DatabaseSync } from 'node:sqlite'
import { Statement } from './statement.ts'
import { Attempts } from './tables/attempts.ts'
import { Ends } from './tables/ends.ts'
import { Events } from './tables/events.ts'
import { Healths } from './tables/healths.ts'
import { Hosts } from './tables/hosts.ts'
import { Items } from './tables/items.ts'
import { Logs } from './tables/logs.ts'
import { Names } from './tables/names.ts'
import { Opportunities } from './tables/opportunities.ts'
import { ProgressTable } from './tables/progress.ts'
import { Retention } from './tables/retention.ts'
import { RunLists } from './tables/run-lists.ts'
import { Runs } from './tables/runs.ts'
import { Schedules } from './tables/schedules.ts'
import { TaskStates } from './tables/task-states.ts'
import { Units } from './tables/units.ts'
import { Waiting } from './tables/waiting.ts'
import { Workers } from './tables/workers.ts'

export class Tables {
  readonly names: Names
  readonly schedules: Schedules
  readonly runs: Runs
  readonly runLists: RunLists
  readonly opportunities: Opportunities
  readonly waiting: Waiting
  readonly attempts: Attempts
  readonly ends: Ends
  readonly units: Units
  readonly logs: Logs
  readonly progress: ProgressTable
  readonly taskStates: TaskStates
  readonly items: Items
  readonly healths: Healths
  readonly hosts: Hosts
  readonly workers: Workers
  readonly events: Events
  readonly retention: Retention
  readonly #dataVersion: Statement<readonly [version: number]>
  #version = -1

  constructor(database: DatabaseSync) {
    this.names = new Names(database)
    this.schedules = new Schedules(database, this.names)
    this.ends = new Ends(database)
    this.runs = new Runs(database, this.names, this.ends, this.schedules)
    this.runLists = new RunLists(database, this.names, this.schedules, this.ends)
    this.opportunities = new Opportunities(database, this.ends)
    this.waiting = new Waiting(database)
    this.attempts = new Attempts(database, this.names)
    this.units = new Units(database, this.names)
    this.logs = new Logs(database)
    this.progress = new ProgressTable(database)
    this.taskStates = new TaskStates(database, this.names)
    this.items = new Items(database, this.names)
    this.healths = new Healths(database)
    this.hosts = new Hosts(database)
    this.workers = new Workers(database)
    this.events = new Events(database)
    this.retention = new Retention(database)
    this.#dataVersion = new Statement(database, 'PRAGMA data_version')
  }

  /** A number that changes whenever another connection has committed. */
  dataVersion(): number {
    return this.#dataVersion.first()?.[0] ?? -1
  }

  /** To be called when a transaction has begun: what is remembered is good only if nobody else has written. */
  begin(): void {
    const version = this.dataVersion()
    if (version !== this.#version) {
      this.schedules.forget()
      this.runs.forget()
      this.healths.forget()
    }
    this.#version = version
  }

  /** Writes what the changes so far left to be written once. */
  flush(): void {
    this.healths.flush()
    this.ends.flush()
  }

  /** To be called when something was rolled back: what is remembered may never have been. */
  forget(): void {
    this.names.forget()
    this.schedules.forget()
    this.runs.forget()
    this.healths.forget()
    this.ends.forget()
  }
}
