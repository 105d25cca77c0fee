/** `rota sources`: what is scraped, and how well that goes. */

import { neutral } from '../base/foreign.ts'
import { parseInstant } from '../base/instant.ts'
import type { HealthState } from '../domain/health.ts'
import type { sourceDetailsOut, sourceOut } from '../server/shapes.ts'
import { exits } from './failure.ts'
import { ask, openApp } from './opening.ts'
import type { OpenOptions } from './opening.ts'
import { printJson, printPage, sheet, tableFor } from './printing.ts'
import type { Cell, Column } from './table.ts'
import type { Terminal } from './terminal.ts'
import { relative } from './times.ts'

export interface SourceListOptions extends OpenOptions {
  readonly limit?: number
  readonly cursor?: string
  readonly json?: boolean
}

type SourceRow = ReturnType<typeof sourceOut>
type SourceDetails = ReturnType<typeof sourceDetailsOut>

export const listSources = async (options: SourceListOptions, terminal: Terminal): Promise<number> => {
  const { config: _config, store: _store, json, ...query } = options
  await using app = await openApp(options, terminal)
  const page = await ask<{ sources: SourceRow[]; next: string | null }>(app, '/api/v1/sources', query, terminal)
  if (json) await printJson(page, terminal)
  else await printPage({ rows: page.sources, next: page.next }, columns, row => cells(row, terminal), terminal)
  return exits.ok
}

const columns: readonly Column[] = [
  { title: 'source' },
  { title: 'health', whole: true },
  { title: 'since', whole: true },
  { title: 'items', align: 'right', whole: true },
  { title: 'last good', whole: true },
  { title: 'why' },
]

const cells = (row: SourceRow, terminal: Terminal): readonly Cell[] => {
  const ago = (text: string | null): string => (text === null ? '' : relative(parseInstant(text), terminal.clock.now()))
  const isKnown = row.health !== 'unknown'
  return [
    row.name,
    { text: row.health, paint: paintOf(row.health, terminal) },
    isKnown ? ago(row.since) : '',
    String(row.items),
    ago(row.lastGoodAt),
    row.reasons.join('; '),
  ]
}

const paintOf = (health: HealthState, { colors }: Terminal): ((text: string) => string) => {
  switch (health) {
    case 'healthy':
      return colors.green
    case 'degraded':
      return colors.yellow
    case 'failing':
      return colors.red
    case 'unknown':
      return colors.dim
    default:
      return health satisfies never
  }
}

export const showSource = async (
  name: string,
  options: OpenOptions & { readonly json?: boolean },
  terminal: Terminal,
): Promise<number> => {
  await using app = await openApp(options, terminal)
  const source = await ask<SourceDetails>(app, `/api/v1/sources/${encodeURIComponent(name)}`, {}, terminal)
  await (options.json ? printJson(source, terminal) : terminal.print(facts(source, terminal)))
  return exits.ok
}

const facts = (source: SourceDetails, terminal: Terminal): string => {
  const shown: readonly (readonly [string, string | null])[] = [
    ['since', source.health === 'unknown' ? null : source.since],
    ['why', source.reasons.length === 0 ? null : source.reasons.join('; ')],
    ['items', String(source.items)],
    ['last good', source.lastGoodAt],
  ]
  const rows = source.changes.map(change => [
    change.at,
    `${change.from} -> ${change.to}`,
    String(change.run),
    change.reasons.join('; '),
  ])
  const changes =
    rows.length === 0
      ? ''
      : `\n${tableFor(
          ['changed', 'health', 'run', 'why'].map(title => ({ title })),
          rows,
          terminal,
        )}`
  return `${terminal.colors.bold(`Source ${neutral(source.name)}: ${source.health}`)}\n\n${sheet(shown, terminal)}${changes}`
}
