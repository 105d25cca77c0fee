/** From one end to the other: the demonstration is started as a user starts it, and looked at and worked with in a browser. */

import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import { chromium } from 'playwright-core'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { startDemonstration } from './demonstration.ts'
import type { Demonstration } from './demonstration.ts'

const CHROMIUM = '/usr/bin/chromium'
const skip = existsSync(CHROMIUM) ? false : `${CHROMIUM} is not installed`
const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

// Where the script has its 429, and a rest that is longer than all of these tests: its run goes on meanwhile.
const FIXTURES_ASK_FOR_REST = 5
const REST_SECONDS = 59
// A bound, not a measure.
const LONGEST_WAIT_MS = 45_000

describe('the demonstration, in a browser', { skip }, () => {
  let demonstration: Demonstration
  let browser: Browser

  before(async () => {
    demonstration = await startDemonstration({ fixturesAt: FIXTURES_ASK_FOR_REST, restSeconds: REST_SECONDS })
    browser = await chromium.launch({ executablePath: CHROMIUM, args })
  })

  after(async () => {
    await browser?.close()
    await demonstration?.[Symbol.asyncDispose]()
  })

  /** A page, in a browser that nobody used before. What the browser complains of fails the test. */
  const visit = async (
    path: string,
    work: (page: Page) => Promise<void>,
    options: BrowserContextOptions = {},
  ): Promise<void> => {
    const context = await browser.newContext({ viewport: { width: 1280, height: 1000 }, ...options })
    context.setDefaultTimeout(LONGEST_WAIT_MS)
    const complaints: string[] = []
    try {
      const page = await context.newPage()
      page.on('pageerror', error => void complaints.push(error.message))
      page.on('console', message => void (message.type() === 'error' && complaints.push(message.text())))
      await page.goto(`${demonstration.url}${path}`)
      await work(page)
      assert.deepEqual(complaints, [])
    } finally {
      await context.close()
    }
  }

  it('cancels a run while it runs: its page shows the end by itself', async () => {
    await visit('/', async page => {
      await page.locator('.panel:has(h2:text-is("Now"))').getByRole('link', { name: 'fixtures' }).first().click()
      await shows(page, 'running')
      const address = page.url()
      await page.getByRole('button', { name: 'Cancel run' }).click()
      await page.getByText(/^Run \d+ was asked to stop\.$/).waitFor()
      await shows(page, 'cancelled')
      assert.equal(page.url(), address)
      await page.getByRole('button', { name: 'Run again' }).waitFor()
    })
  })

  it('shows the four sources and the five schedules, and fills up while one looks', async () => {
    await visit('/', async page => {
      for (const name of ['earthquakes', 'everything', 'feeds', 'fixtures', 'news']) {
        await page.locator(`[data-region=schedules] a[href="/schedules/${name}"]`).first().waitFor()
      }
      for (const name of ['earthquakes', 'feeds', 'fixtures', 'news']) {
        await page.locator(`[data-region=sources] a[href="/sources/${name}"]`).first().waitFor()
      }
      await page.locator('#live', { hasText: 'live' }).waitFor()
      // Nobody reloads: the page hears of it.
      await page.locator('[data-region=sources] li, [data-region=sources] tr', { hasText: '86 items' }).waitFor()
    })
  })

  it('runs a task by hand, and follows the run to its end and its units', async () => {
    await visit('/schedules/feeds', async page => {
      await page.getByRole('button', { name: 'Run now: feeds' }).click()
      const link = page.getByRole('link', { name: /^Show run \d+$/ })
      const id = /\d+/.exec((await link.textContent()) ?? '')?.[0]
      await link.click()
      await page.waitForURL(`**/runs/${id}`)
      await shows(page, 'succeeded')
      const units = page.getByRole('region', { name: 'Units' })
      for (const feed of ['top.rss', 'top.atom', 'journal.json']) {
        await units.locator('tr', { hasText: feed }).waitFor()
      }
      assert.match(await page.locator('.story').innerText(), /by hand|asked/i)
    })
  })

  it('pauses a schedule and resumes it', async () => {
    await visit('/schedules/earthquakes', async page => {
      await page.getByRole('button', { name: 'Pause earthquakes' }).click()
      await page.getByText('earthquakes is paused.').waitFor()
      await shows(page, 'paused')
      await page.getByText('Nothing, while it is paused.').waitFor()
      await page.getByRole('button', { name: 'Resume earthquakes' }).click()
      await page.getByText('earthquakes goes on.').waitFor()
      await shows(page, 'active')
      await page.locator('ol.times li').first().waitFor()
    })
  })

  it('keeps what was paused over a reload', async () => {
    await visit('/schedules/news', async page => {
      await page.getByRole('button', { name: 'Pause news' }).click()
      await shows(page, 'paused')
      await page.reload()
      await shows(page, 'paused')
      await page.getByRole('button', { name: 'Resume news' }).click()
      await shows(page, 'active')
    })
  })

  it('finds the runs of one schedule by the address alone', async () => {
    await visit('/runs?schedule=fixtures&state=cancelled', async page => {
      const rows = page.locator('.runs tbody tr')
      await rows.first().waitFor()
      for (const row of await rows.allInnerTexts())
        assert.match(row, /fixtures[\s\S]*cancelled|cancelled[\s\S]*fixtures/)
    })
  })

  it('is light or dark as the system is, until the reader chooses', async () => {
    const background = (page: Page): Promise<string> => page.evaluate('getComputedStyle(document.body).backgroundColor')
    const brightness = async (page: Page): Promise<number> => {
      const [red = 0, green = 0, blue = 0] = (await background(page)).match(/\d+/g)?.map(Number) ?? []
      return (red + green + blue) / 3
    }
    await visit('/', async page => assert.ok((await brightness(page)) > 200), { colorScheme: 'light' })
    await visit(
      '/',
      async page => {
        assert.ok((await brightness(page)) < 60)
        await page.getByRole('button', { name: 'Switch between light and dark' }).click()
        assert.ok((await brightness(page)) > 200)
        await page.reload()
        assert.ok((await brightness(page)) > 200)
      },
      { colorScheme: 'dark' },
    )
  })

  it('tells of a source what it gave', async () => {
    await visit('/sources/earthquakes', async page => {
      await page.locator('h1', { hasText: 'earthquakes' }).waitFor()
      await page
        .getByRole('region', { name: 'Items' })
        .locator('tbody tr', { hasText: /M \d\.\d/ })
        .first()
        .waitFor()
    })
  })
})

/** Waits until the badge beside the title says so. */
const shows = (page: Page, state: string): Promise<void> => page.locator('.title .state', { hasText: state }).waitFor()
