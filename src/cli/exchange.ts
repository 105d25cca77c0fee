/** `rota export` and `rota import`: the definitions of schedules as a file, and back. */

import { readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { RotaError, asError } from '../base/errors.ts'
import { neutral } from '../base/foreign.ts'
import { parseJson } from '../base/json.ts'
import type { ImportedSchedule } from '../scheduler/exchange.ts'
import { exits } from './failure.ts'
import { openApp } from './opening.ts'
import type { OpenOptions } from './opening.ts'
import { printJson } from './printing.ts'
import type { Terminal } from './terminal.ts'

export const exportTo = async (
  file: string | undefined,
  options: OpenOptions & { readonly force?: boolean },
  terminal: Terminal,
): Promise<number> => {
  await using app = await openApp(options, terminal)
  const exported = await app.schedules.export()
  const text = `${JSON.stringify(exported, null, 2)}\n`
  if (file === undefined) await terminal.print(text)
  else {
    write(resolve(terminal.folder, file), text, options.force ?? false)
    terminal.say(`${neutral(file)} holds ${exported.schedules.length} schedules.\n`)
  }
  return exits.ok
}

const write = (path: string, text: string, force: boolean): void => {
  try {
    writeFileSync(path, text, { flag: force ? 'w' : 'wx', mode: 0o600 })
  } catch (error) {
    if ((error as { code?: unknown }).code === 'EEXIST') {
      throw new RotaError('FILE_EXISTS', `${path} is there already. Name another file, or replace it with --force.`)
    }
    throw new RotaError('OPTION_INVALID', `${path} cannot be written: ${asError(error).message}`, { cause: error })
  }
}

export const importFrom = async (
  file: string,
  options: OpenOptions & { readonly dryRun?: boolean; readonly json?: boolean },
  terminal: Terminal,
): Promise<number> => {
  const { dryRun = false } = options
  const content = parseJson(await read(file, terminal), file === '-' ? 'standard input' : file)
  await using app = await openApp(options, terminal)
  const imported = await app.schedules.import(content, { dryRun })
  if (options.json) await printJson({ dryRun, schedules: imported }, terminal)
  else await terminal.print(told(imported, dryRun))
  for (const name of unknownTasks(
    content,
    app.tasks.list().map(task => task.name),
  ))
    terminal.say(`No task '${neutral(name, 100)}' is known here: its runs wait for a Rota that has one.\n`)
  return exits.ok
}

const read = async (file: string, terminal: Terminal): Promise<string> => {
  if (file === '-') return readAll(terminal)
  const path = resolve(terminal.folder, file)
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new RotaError('OPTION_INVALID', `${path} cannot be read: ${asError(error).message}`, { cause: error })
  }
}

const readAll = async (terminal: Terminal): Promise<string> => {
  let text = ''
  for await (const piece of terminal.input()) text += piece
  return text
}

const told = (imported: readonly ImportedSchedule[], dryRun: boolean): string => {
  const lines = imported
    .filter(({ change }) => change !== 'unchanged')
    .flatMap(({ name, change, differences }) => [
      `${change.padEnd(8)} ${neutral(name)}`,
      ...differences.map(difference => `           ${neutral(difference, 300)}`),
    ])
  const count = (change: ImportedSchedule['change']): number => imported.filter(one => one.change === change).length
  const sum = `${count('created')} created, ${count('changed')} changed, ${count('unchanged')} unchanged`
  return `${[...lines, dryRun ? `${sum}; nothing was changed: this was a dry run` : sum].join('\n')}\n`
}

// Where only a store was named no task is known at all: nothing to warn of.
const unknownTasks = (content: unknown, known: readonly string[]): readonly string[] => {
  if (known.length === 0) return []
  const { schedules } = content as { readonly schedules: readonly { readonly task: string }[] }
  return [...new Set(schedules.map(({ task }) => task))].filter(task => !known.includes(task))
}
