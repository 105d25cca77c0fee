/** A real browser before the pages of an app. What the browser complains of fails the test. */

import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import test from 'node:test'
import { chromium } from 'playwright-core'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { pages } from '../../src/dashboard/pages.ts'
import { listen } from '../../src/server/listen.ts'
import type { PlainApp } from '../server/plain-app.ts'

const CHROMIUM = '/usr/bin/chromium'
/** Why a test of a browser cannot run here, or false. */
export const skip = existsSync(CHROMIUM) ? false : `${CHROMIUM} is not installed`
const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

let browser: Browser | undefined
test.before(async () => {
  if (skip === false) browser = await chromium.launch({ executablePath: CHROMIUM, args })
})
test.after(() => browser?.close())

export const DESKTOP = { width: 1280, height: 900 }
export const PHONE = { width: 390, height: 844 }

/** Opens a page of an app that is served for the time of the work. What the browser complains of fails the test. */
export const visit = async (
  app: PlainApp,
  path: string,
  options: BrowserContextOptions,
  work: (page: Page, url: string) => Promise<void>,
): Promise<void> => {
  assert.ok(browser)
  await using server = await listen({ app, port: 0, pages: pages(app) })
  const context = await browser.newContext({ viewport: DESKTOP, timezoneId: 'Europe/Berlin', ...options })
  try {
    const page = await context.newPage()
    const complaints: string[] = []
    page.on('pageerror', error => void complaints.push(error.message))
    page.on('console', message => {
      if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
        complaints.push(message.text())
    })
    await page.goto(`${server.url}${path}`)
    await work(page, server.url)
    assert.deepEqual(complaints, [])
  } finally {
    await context.close()
  }
}
