/** `rota notices`: what was told, and whether it arrives. */

import { RotaError } from '../base/errors.ts'
import { neutral } from '../base/foreign.ts'
import { parseInstant } from '../base/instant.ts'
import type { noticeOut } from '../server/shapes.ts'
import { exits } from './failure.ts'
import { ask, openApp } from './opening.ts'
import type { OpenOptions } from './opening.ts'
import { printJson, printPage } from './printing.ts'
import type { Cell, Column } from './table.ts'
import type { Terminal } from './terminal.ts'
import { relative } from './times.ts'

export interface NoticeListOptions extends OpenOptions {
  readonly limit?: number
  readonly cursor?: string
  readonly json?: boolean
}

type NoticeRow = ReturnType<typeof noticeOut>

export const listNotices = async (options: NoticeListOptions, terminal: Terminal): Promise<number> => {
  const { config: _config, store: _store, json, ...query } = options
  await using app = await openApp(options, terminal)
  const page = await ask<{ notices: NoticeRow[]; next: string | null }>(app, '/api/v1/notices', query, terminal)
  if (json) await printJson(page, terminal)
  else await printPage({ rows: page.notices, next: page.next }, columns, row => cells(row, terminal), terminal)
  return exits.ok
}

const columns: readonly Column[] = [
  { title: 'when', whole: true },
  { title: 'to' },
  { title: 'state', whole: true },
  { title: 'tries', align: 'right', whole: true },
  { title: 'what' },
  { title: 'problem' },
]

const cells = (row: NoticeRow, { clock, colors }: Terminal): readonly Cell[] => [
  relative(parseInstant(row.at), clock.now()),
  row.destination,
  { text: row.state, paint: { waiting: colors.yellow, delivered: colors.green, 'given up': colors.red }[row.state] },
  String(row.tries),
  row.text,
  row.problem ?? '',
]

export const testNotices = async (name: string, options: OpenOptions, terminal: Terminal): Promise<number> => {
  await using app = await openApp(options, terminal)
  const sent = await app.notices.test(name)
  if (sent.kind === 'delivered') {
    terminal.say(`${neutral(name)} took the test notice.\n`)
    return exits.ok
  }
  throw new RotaError('NOTICE_UNDELIVERED', `${neutral(name)} did not take the test notice: ${neutral(sent.why, 300)}`)
}
