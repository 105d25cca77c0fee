/**
 * Runs the measurements, each file of this folder one after the other in a process of its own, and prints what they say as
 * one table, with the machine and the day. With words, as in `npm run bench -- start memory`, only the files of those names;
 * what takes minutes and gigabytes is measured only when it is named.
 */

import { spawnSync } from 'node:child_process'
import { globSync } from 'node:fs'
import { availableParallelism, cpus, totalmem } from 'node:os'
import { basename, join } from 'node:path'
import type { Figure } from './shared/figure.ts'

// Such as at night.
const ONLY_WHEN_NAMED = ['history.ts']

const words = process.argv.slice(2)
const files = globSync('*.ts', { cwd: import.meta.dirname })
  .filter(file => file !== basename(import.meta.filename))
  .filter(file => (words.length === 0 ? !ONLY_WHEN_NAMED.includes(file) : words.includes(basename(file, '.ts'))))
  .sort()

const isFigure = (value: unknown): value is Figure =>
  typeof value === 'object' && value !== null && 'name' in value && 'value' in value && 'unit' in value

const figuresOf = (file: string): readonly Figure[] => {
  process.stderr.write(`${file} ...\n`)
  const { status, stdout } = spawnSync(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', join(import.meta.dirname, file)],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'], maxBuffer: 64e6 },
  )
  if (status !== 0) {
    process.exitCode = 1
    process.stderr.write(`${file} failed\n`)
  }
  return stdout.split('\n').flatMap(line => {
    if (!line.startsWith('{')) return []
    const read: unknown = JSON.parse(line)
    return isFigure(read) ? [read] : []
  })
}

const isMet = ({ value, target }: Figure): boolean => {
  const [, sign, limit] = /^([≤≥<>])\s*([\d.,]+)/.exec(target ?? '') ?? []
  if (sign === undefined || limit === undefined) return true
  const bound = Number(limit.replaceAll(',', ''))
  return sign === '≤' || sign === '<' ? value <= bound : value >= bound
}

const rows = files.flatMap(figuresOf).map(figure => {
  const target = figure.target === undefined ? '' : `${figure.target} ${figure.unit}${isMet(figure) ? '' : ' (missed)'}`
  return `| ${figure.name} | ${figure.value.toLocaleString('en')} ${figure.unit} | ${target} |`
})

const machine = [
  `${availableParallelism()} cores`,
  cpus()[0]?.model.trim(),
  `${Math.round(totalmem() / 2 ** 30)} GiB`,
  `Node ${process.versions.node}`,
  `SQLite ${process.versions['sqlite']}`,
  new Date().toISOString().slice(0, 10),
]
console.log([`${machine.join(', ')}.`, '', '| what | figure | target |', '|---|---|---|', ...rows].join('\n'))
