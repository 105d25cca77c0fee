/**
 * A flow as a picture: its steps in columns, each after those it waits for. Between the columns lie the points where steps
 * meet, so that a hundred beside a hundred are two hundred lines. Of a large flow the steps of a task are one box.
 */

import { depthsOf } from '../domain/flow-depth.ts'
import type { EdgeRule } from '../domain/flow.ts'
import type { RunId } from '../base/name.ts'
import type { RunState } from '../domain/run.ts'
import type { FlowView } from '../app.ts'
import { brief, counted, html } from './html.ts'
import type { Html } from './html.ts'
import { section } from './layout.ts'
import { runPath } from './links.ts'
import { wordOf } from './state.ts'

/** More than these are shown by task. */
export const MOST_BOXES = 200

const WIDTH = 204
const HEIGHT = 42
const ROW = 54
const COLUMN = 264
const EDGE = 6

/** Steps that are drawn as one: a run, or all of a task between the same points. */
interface Box {
  readonly task: string
  readonly from: number
  readonly to: number
  readonly rule: EdgeRule
  readonly run: RunId | null
  /** What it looks like. */
  readonly state: RunState
  readonly words: string
}

interface Placed extends Box {
  readonly x: number
  readonly y: number
}

interface Dot {
  readonly x: number
  readonly y: number
}

export const flowSection = (flow: FlowView): Html => {
  const total = flow.counts.reduce((sum, { count }) => sum + count, 0)
  const boxes = total > MOST_BOXES ? byTask(flow) : flow.steps.map(boxOf)
  const depths = depthsOf(boxes)
  const placed = placedOf(boxes, depths)
  const dots = dotsOf(placed, depths)
  const width = Math.max(...placed.map(({ x }) => x + WIDTH)) + 2 * EDGE
  const height = Math.max(...placed.map(({ y }) => y + HEIGHT)) + 2 * EDGE
  return section(
    'Flow',
    html`<div class="scroll flow" tabindex="0" role="region" aria-label="Flow">
      <svg
        viewBox="${-EDGE} ${-EDGE} ${width} ${height}"
        width="${width}"
        height="${height}"
        role="group"
        aria-label="${summary(flow)}"
      >
        ${placed.map(box => lines(box, dots))}
        ${[...dots.values()].map(({ x, y }) => html`<circle class="point" cx="${x}" cy="${y}" r="2.5"></circle>`)}
        ${placed.map(drawn)}
      </svg>
    </div>`,
    counted(total, 'step'),
  )
}

const boxOf = ({ run, from, to, rule }: FlowView['steps'][number]): Box => ({
  task: run.task,
  from,
  to,
  rule,
  run: run.id,
  state: run.state,
  words: `#${run.id} ${wordOf(run.state)}`,
})

// What a person looks for first.
const worstFirst: readonly RunState[] = [
  'failed',
  'cancelled',
  'partial',
  'running',
  'retrying',
  'queued',
  'open',
  'succeeded',
  'skipped',
]

const byTask = ({ counts }: FlowView): readonly Box[] =>
  [...Map.groupBy(counts, ({ task, from, to }) => `${from} ${to} ${task}`).values()].flatMap(alike => {
    const sorted = alike.toSorted((a, b) => worstFirst.indexOf(a.state) - worstFirst.indexOf(b.state))
    const [worst] = sorted
    if (worst === undefined) return []
    const { task, from, to, rule, state } = worst
    const words = sorted.map(one => `${one.count.toLocaleString('en-US')} ${wordOf(one.state)}`).join(', ')
    return [{ task, from, to, rule, run: null, state, words }]
  })

const placedOf = (boxes: readonly Box[], depths: ReadonlyMap<number, number>): readonly Placed[] => {
  const rows = new Map<number, number>()
  // The runs of a map stay together, though most of them came to be later than the rest.
  const together = [...Map.groupBy(boxes, ({ from, to }) => `${from} ${to}`).values()].flat()
  return together.map(box => {
    const column = depths.get(box.from) ?? 0
    const row = rows.get(column) ?? 0
    rows.set(column, row + 1)
    return { ...box, x: column * COLUMN, y: row * ROW }
  })
}

/** Each point before the column of what begins there, at the height of what leads to it. */
const dotsOf = (placed: readonly Placed[], depths: ReadonlyMap<number, number>): ReadonlyMap<number, Dot> => {
  const begun = new Set(placed.map(({ from }) => from))
  const into = Map.groupBy(placed, ({ to }) => to)
  return new Map(
    [...into]
      .filter(([point]) => begun.has(point))
      .map(([point, boxes]) => {
        const middle = boxes.reduce((sum, { y }) => sum + y, 0) / boxes.length + HEIGHT / 2
        return [point, { x: (depths.get(point) ?? 0) * COLUMN - (COLUMN - WIDTH) / 2, y: middle }]
      }),
  )
}

const lines = (box: Placed, dots: ReadonlyMap<number, Dot>): Html => {
  const middle = box.y + HEIGHT / 2
  const from = dots.get(box.from)
  const to = dots.get(box.to)
  return html`${from !== undefined && html`<path class="edge ${box.rule}" d="${curve(from, { x: box.x, y: middle })}"></path>`}
  ${to !== undefined && html`<path class="edge" d="${curve({ x: box.x + WIDTH, y: middle }, to)}"></path>`}`
}

const curve = (a: Dot, b: Dot): string => {
  const half = (a.x + b.x) / 2
  return `M${a.x} ${a.y}C${half} ${a.y} ${half} ${b.y} ${b.x} ${b.y}`
}

const drawn = (box: Placed): Html => {
  const { x, y, run, state, task, words, rule } = box
  const told = `${task}: ${words}${rule === 'succeeds' ? '' : ` (on ${wordsOf[rule]})`}`
  const shape = html`<rect class="box" x="${x}" y="${y}" width="${WIDTH}" height="${HEIGHT}" rx="7"></rect
    ><use href="#i-${state}" x="${x + 10}" y="${y + 13}" width="16" height="16"></use
    ><text class="task" x="${x + 36}" y="${y + 18}">${brief(task, 22)}</text
    ><text class="words" x="${x + 36}" y="${y + 33}">${brief(words, 26)}</text
    >${rule !== 'succeeds' && html`<text class="rule" x="${x + 4}" y="${y - 2}">on ${wordsOf[rule]}</text>`}`
  return run === null
    ? html`<g class="step ${state}" role="img" aria-label="${told}" data-tip="${told}">${shape}</g>`
    : html`<a class="step ${state}" href="${runPath(run)}" aria-label="${told}" data-tip="${told}">${shape}</a>`
}

const wordsOf = { succeeds: 'success', fails: 'failure', finishes: 'any end' } as const satisfies Record<
  EdgeRule,
  string
>

const summary = ({ root, counts }: FlowView): string => {
  const states = Map.groupBy(counts, ({ state }) => state)
  const told = [...states].map(([state, own]) => `${own.reduce((sum, { count }) => sum + count, 0)} ${wordOf(state)}`)
  return `The steps of ${root.task}: ${told.join(', ')}`
}
