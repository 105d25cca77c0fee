/** `rota backup` and `rota restore`: the whole store in one file, and back. */

import { resolve } from 'node:path'
import { neutral } from '../base/foreign.ts'
import { formatInstant } from '../base/instant.ts'
import type { Restored } from '../store/sqlite/restore.ts'
import { exits } from './failure.ts'
import { appToRestore, openApp } from './opening.ts'
import type { OpenOptions } from './opening.ts'
import { sizeOf } from './size.ts'
import type { Terminal } from './terminal.ts'

export const backUp = async (
  file: string,
  options: OpenOptions & { readonly force?: boolean },
  terminal: Terminal,
): Promise<number> => {
  await using app = await openApp(options, terminal)
  const backup = await app.backup(resolve(terminal.folder, file), { force: options.force ?? false })
  terminal.say(`${neutral(backup.file)} holds all of it: ${sizeOf(backup.bytes)}, checked.\n`)
  return exits.ok
}

export const restore = async (
  file: string,
  options: OpenOptions & { readonly force?: boolean; readonly catchUp?: boolean },
  terminal: Terminal,
): Promise<number> => {
  const { app, store } = await appToRestore(options, terminal)
  const { force = false, catchUp = false } = options
  const from = resolve(terminal.folder, file)
  const restored = await app.restore(from, { force, catchUp, ...(store === undefined ? {} : { store }) })
  terminal.say(
    `${told(restored, catchUp)
      .map(line => neutral(line, 1_000))
      .join('\n')}\n`,
  )
  return exits.ok
}

const told = (restored: Restored, catchUp: boolean): readonly string[] => {
  const { place, backedUpAt, replaced, since, schedules, held, lost } = restored
  const made = backedUpAt === null ? '' : `, as it was at ${formatInstant(backedUpAt)}`
  return [
    `${place} is restored${made}.`,
    ...(replaced === null ? [] : [`What was there is kept: ${replaced}`]),
    ...(catchUp && since !== null
      ? [`What passed since ${formatInstant(since)} is caught up with at the next start.`]
      : []),
    ...(schedules > 0 ? [`${count(schedules, 'schedule goes', 'schedules go')} on from now.`] : []),
    ...(lost > 0 ? [`${count(lost, 'run', 'runs')} ended as lost: rota runs list --state failed`] : []),
    ...(held > 0
      ? [
          `${count(held, 'unfinished run waits', 'unfinished runs wait')} until you let them go: rota runs release, or rota runs cancel <id>. A schedule with such a run may skip until then.`,
        ]
      : []),
  ]
}

const count = (number: number, one: string, many: string): string => `${number} ${number === 1 ? one : many}`
