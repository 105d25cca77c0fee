/** The pages hinder nobody: axe-core finds nothing on any of them, in light and dark, wide and narrow. */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import test from 'node:test'
import type { Page } from 'playwright-core'
import type { PlainApp } from '../server/plain-app.ts'
import { busyScene, calmScene, emptyScene, LONG_NAME } from './scene.ts'
import { DESKTOP, PHONE, skip, visit } from './visit.ts'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

interface Violations {
  readonly violations: readonly {
    readonly id: string
    readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[]
  }[]
}

const violations = async (page: Page): Promise<readonly string[]> => {
  const { violations } = (await page.evaluate(
    `axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })`,
  )) as Violations
  return violations.flatMap(({ id, nodes }) =>
    nodes.slice(0, 3).map(({ html, failureSummary = '' }) => `${id}: ${html.slice(0, 200)} ${failureSummary}`),
  )
}

const idOf = (app: PlainApp, state: string, schedule?: string): number =>
  app.data.runs.findLast(run => run.state === state && (schedule === undefined || run.schedule === schedule))?.id ?? 0

const scenes: readonly (readonly [what: string, app: () => PlainApp, path: (app: PlainApp) => string])[] = [
  ['a busy overview', busyScene, () => '/'],
  ['a calm overview', calmScene, () => '/'],
  ['an empty overview', emptyScene, () => '/'],
  ['the runs', busyScene, () => '/runs'],
  ['the runs, filtered', busyScene, () => '/runs?state=failed&schedule=fixtures'],
  ['no runs', emptyScene, () => '/runs'],
  ['a failed run', busyScene, app => `/runs/${idOf(app, 'failed')}`],
  ['a running run', busyScene, app => `/runs/${idOf(app, 'running', 'news-feed')}`],
  ['a skipped run', busyScene, app => `/runs/${idOf(app, 'skipped')}`],
  ['a source', busyScene, () => '/sources/fixtures'],
  ['a schedule', busyScene, () => '/schedules/odds-board'],
  ['a schedule that waits for an event', busyScene, () => '/schedules/after-fixtures'],
  ['a schedule, asked about the past', busyScene, () => '/schedules/odds-board?at=2026-11-22T09:10'],
  ['a schedule, asked in a way that cannot be read', busyScene, () => '/schedules/odds-board?at=sunday'],
  ['a schedule with the longest name', busyScene, () => `/schedules/${LONG_NAME}`],
  ['what is not there', busyScene, () => '/runs/99999'],
]

// Colours are the same wide and narrow, and places the same in light and dark: two looks show all of both.
const looks = [
  ['light', DESKTOP],
  ['dark', PHONE],
] as const

for (const [what, scene, path] of scenes) {
  test(`${what} hinders nobody and fits its window, wide and light, narrow and dark`, { skip }, async () => {
    const app = scene()
    await visit(app, path(app), {}, async page => {
      // What is put in by the debugger is outside the page's policy, which stays as it is.
      await page.evaluate(axe)
      for (const [colorScheme, viewport] of looks) {
        await page.emulateMedia({ colorScheme })
        await page.setViewportSize(viewport)
        assert.deepEqual(await violations(page), [], colorScheme)
        const tooWide = Number(await page.evaluate('document.documentElement.scrollWidth - innerWidth'))
        assert.ok(tooWide <= 0, `${tooWide} pixels too wide at ${viewport.width}`)
      }
    })
  })
}
