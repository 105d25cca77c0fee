/** The pages in a real browser: nothing that its policy forbids, and everything alive. */

import assert from 'node:assert/strict'
import test from 'node:test'
import { RotaError } from '../../src/base/errors.ts'
import { instant } from '../../src/base/instant.ts'
import type { RunId } from '../../src/base/name.ts'
import { at, NOW, runRow } from '../server/plain-app.ts'
import type { PlainApp } from '../server/plain-app.ts'
import { busyScene, calmScene } from './scene.ts'
import { skip, visit } from './visit.ts'

const idOf = (app: PlainApp, state: string, schedule?: string): number =>
  app.data.runs.findLast(run => run.state === state && (schedule === undefined || run.schedule === schedule))?.id ?? 0

test('times are shown in the zone of the reader, and the ages count on', { skip }, async () => {
  await visit(calmScene(), '/', {}, async page => {
    assert.equal(await page.textContent('#zone'), 'Europe/Berlin')
    const next = page.locator('.schedules > li', { hasText: 'news-feed' }).locator('.next')
    assert.match(await next.innerText(), /10:20:42/)
    assert.equal(await next.locator('time').nth(1).getAttribute('title'), '22 Nov 2026, 10:20:42\n2026-11-22T09:20:42Z')
    const before = await next.locator('time').first().innerText()
    await next.locator('time').first().filter({ hasNotText: before }).waitFor()
  })
})

test('without scripts a page reads the same, with no button that could do nothing', { skip }, async () => {
  await visit(busyScene(), '/', { javaScriptEnabled: false }, async page => {
    assert.match(await page.innerText('h1'), /fixtures is failing since 09:12 UTC/)
    assert.equal(await page.locator('.schedules > li').count(), 8)
    assert.equal(await page.locator('button:visible').count(), 0)
    await page.goto(`${page.url()}runs`)
    await page.selectOption('select[name="schedule"]', 'fixtures')
    await page.click('text=Apply')
    assert.match(page.url(), /schedule=fixtures/)
    assert.equal(await page.locator('.runs tbody tr').count(), 31)
  })
})

test(
  'what happens is seen without asking: the sentence, the strips and the lists change by themselves',
  { skip },
  async () => {
    const app = calmScene()
    await visit(app, '/', {}, async page => {
      await page.waitForSelector('#live[data-state="live"]')
      const marks = page.locator('svg.strip[aria-label*="news-feed"] a.mark')
      assert.equal(await marks.last().getAttribute('class'), 'mark running')
      const running = app.data.runs.find(run => run.state === 'running')
      assert.ok(running)
      const failed = {
        ...running,
        state: 'failed' as const,
        reason: 'error' as const,
        endedAt: NOW,
        error: { name: 'Error', message: 'the page is gone' },
      }
      app.data.runs = app.data.runs.map(run => (run === running ? failed : run))
      app.tell({ kind: 'run', run: failed })
      await page.waitForSelector('h1:has-text("The last run of news-feed failed")')
      assert.equal(await marks.last().getAttribute('class'), 'mark failed')
      assert.match(await page.innerText('.panel:nth-child(3)'), /the page is gone/)
      assert.match(await page.title(), /news-feed failed/)
      assert.match(
        await page.locator('.schedules > li', { hasText: 'news-feed' }).locator('.next').innerText(),
        /10:20:42/,
      )
    })
  },
)

test(
  'the page of a run follows it to its end, keeps open what was opened, and then offers to run it again',
  { skip },
  async () => {
    const app = busyScene()
    const running = app.data.runs.find(run => run.schedule === 'news-feed' && run.state === 'running')
    assert.ok(running)
    const line = (seq: number): PlainApp['data']['lines'][number] => ({
      run: running.id,
      seq,
      at: NOW,
      level: 'info',
      message: `page ${seq} read`,
      fields: null,
    })
    app.data.lines = [line(1)]
    await visit(app, `/runs/${running.id}`, {}, async page => {
      await page.waitForSelector('#live[data-state="live"]')
      await page.focus('button:has-text("Cancel")')
      app.data.lines = Array.from({ length: 60 }, (_, i) => line(i + 1))
      app.tell({ kind: 'log', run: running.id, lines: [line(60)] })
      await page.waitForSelector('.log >> text=page 60 read')
      assert.equal(await page.evaluate('document.activeElement.textContent.trim()'), 'Cancel', 'the focus stays')
      const atEnd = await page.evaluate(
        `(box => box.scrollHeight - box.scrollTop - box.clientHeight < 40)(document.querySelector('.log'))`,
      )
      assert.equal(atEnd, true, 'the newest line is in sight')
      const ended = { ...running, state: 'succeeded' as const, endedAt: instant(NOW + 1_000), result: { pages: 60 } }
      app.data.runs = app.data.runs.map(run => (run === running ? ended : run))
      app.tell({ kind: 'run', run: ended })
      await page.waitForSelector('button:has-text("Run again")')
      assert.match(await page.innerText('main'), /succeeded[\s\S]*"pages": 60/)
    })
  },
)

test('the buttons act, say what came of it, and say why not', { skip }, async () => {
  const app = busyScene()
  const retrying = idOf(app, 'retrying')
  await visit(app, '/', {}, async (page, url) => {
    await page.click('[aria-label="Pause news-feed"]')
    await page.waitForSelector('.answer:has-text("news-feed is paused.")')
    await page.waitForSelector('[aria-label="Resume news-feed"]')
    await page.click('[aria-label="Resume news-feed"]')
    await page.waitForSelector('.answer:has-text("news-feed goes on.")')

    await page.click('[aria-label="Run now: news-feed"]')
    const link = page.locator('.answer a')
    await link.waitFor()
    const made = app.data.runs.at(-1)
    assert.deepEqual(
      [made?.task, made?.input, made?.trigger],
      ['news-feed', { section: 'sport' }, { kind: 'hand', by: 'dashboard' }],
    )
    await link.click()
    await page.waitForURL(`${url}/runs/${made?.id}`)
    assert.match(await page.innerText('.story'), /Wanted by hand at 10:20:30, through the dashboard/)

    app.schedules.pause = () =>
      Promise.reject(new RotaError('STORE_FULL', 'The disk is full: <b>nothing</b> can be written.'))
    await page.goto(url)
    await page.click('[aria-label="Pause fixtures"]')
    await page.waitForSelector('.answer.refused[role="alert"]')
    assert.match(await page.innerText('.answer'), /The disk is full: <b>nothing<\/b> can be written\./)
    await page.click('.answer button')
    assert.equal(await page.locator('.answer').count(), 0)

    await page.goto(`${url}/runs/${retrying}`)
    await page.click('button:has-text("Cancel")')
    await page.waitForSelector('.answer')
    assert.deepEqual(app.asked, [
      'pause news-feed by dashboard',
      'resume news-feed by dashboard',
      'run news-feed by dashboard',
      `cancel ${retrying} by dashboard`,
    ])
  })
})

test(
  'the form that asks about another time keeps what is typed while the answer above it stays fresh',
  { skip },
  async () => {
    const app = busyScene()
    await visit(app, '/schedules/news-feed', {}, async page => {
      await page.waitForSelector('#live[data-state="live"]')
      await page.fill('.ask input', '2026-11-22T09:13')
      const before = await page.textContent('[data-region="why"]')
      const paused = { at: NOW, by: 'ada', why: null, until: null }
      app.data.schedules = app.data.schedules.map(one => (one.name === 'news-feed' ? { ...one, paused } : one))
      app.tell({ kind: 'schedule', name: 'news-feed', change: 'paused' })
      await page.waitForSelector('[data-region="why"] :text("It is paused by ada")')
      assert.notEqual(await page.textContent('[data-region="why"]'), before)
      assert.equal(await page.inputValue('.ask input'), '2026-11-22T09:13')
      await page.click('.ask button')
      await page.waitForURL('**/schedules/news-feed?at=2026-11-22T09%3A13')
      assert.match((await page.textContent('[data-region="why"] .said')) ?? '', /^09:13: run \d+ /)
    })
  },
)

test('a server that is gone is said, not hidden', { skip }, async () => {
  const app = calmScene()
  await visit(app, '/', {}, async page => {
    await page.waitForSelector('#live[data-state="live"]')
    await page.route('**/api/v1/schedules/**', route => route.abort())
    await page.click('[aria-label="Pause news-feed"]')
    await page.waitForSelector('.answer.refused:has-text("Rota does not answer")')
  })
})

test('a strip is one stop of the Tab key; arrows walk along it and each mark says what it is', { skip }, async () => {
  await visit(busyScene(), '/', {}, async page => {
    const stops = page.locator('svg.strip[aria-label*="fixtures"] a[tabindex="0"]')
    assert.equal(await stops.count(), 1)
    await stops.focus()
    assert.match(await page.innerText('#tip'), /Run \d+: failed\n22 Nov 2026, 10:20:00\n[\s\S]*block page/)
    await page.keyboard.press('ArrowLeft')
    await page.keyboard.press('Home')
    assert.match(await page.innerText('#tip'), /Run \d+: succeeded\n22 Nov 2026, 07:55:00/)
    await page.keyboard.press('End')
    await page.keyboard.press('Enter')
    await page.waitForURL(/\/runs\/\d+$/)
  })
})

test('light and dark follow the system until one is chosen, which is remembered', { skip }, async () => {
  const ground = 'getComputedStyle(document.body).backgroundColor'
  await visit(calmScene(), '/', { colorScheme: 'dark' }, async page => {
    const dark = await page.evaluate(ground)
    await page.click('#theme')
    const light = await page.evaluate(ground)
    assert.notEqual(light, dark)
    await page.reload()
    assert.equal(await page.evaluate(ground), light)
    await page.click('#theme')
    assert.equal(await page.evaluate(ground), dark)
  })
})

test('everything can be reached with the keyboard, first of all the content', { skip }, async () => {
  await visit(calmScene(), '/', {}, async page => {
    await page.keyboard.press('Tab')
    assert.equal(await page.evaluate('document.activeElement.textContent'), 'Skip to the content')
    await page.keyboard.press('Enter')
    assert.equal(await page.evaluate('document.activeElement.id'), 'main')
    const reached = new Set<string>()
    for (let i = 0; i < 60; i++) {
      await page.keyboard.press('Tab')
      reached.add(
        String(
          await page.evaluate(
            `document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent.trim()`,
          ),
        ),
      )
    }
    for (const name of ['Run now: news-feed', 'Pause news-feed', 'news-feed', 'fixtures'])
      assert.ok(reached.has(name), `${name} is not reached`)
  })
})

test('a hostile text runs no script, loads nothing and leads nowhere', { skip }, async () => {
  const text = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>'
  const app = busyScene({
    runs: [
      runRow({
        id: 1,
        task: 'fixtures',
        state: 'failed',
        reason: 'error',
        endedAt: at('09:12:00'),
        error: { name: text, message: text, stack: text },
      }),
    ],
    lines: [{ run: 1 as RunId, seq: 1, at: at('09:00:00'), level: 'info', message: text, fields: { a: text } }],
  })
  await visit(app, '/runs/1', {}, async page => {
    const asked: string[] = []
    page.on('request', request => void asked.push(new URL(request.url()).pathname))
    await page.reload()
    await page.waitForLoadState('networkidle')
    assert.equal(await page.evaluate('window.hacked'), undefined)
    assert.ok((await page.innerText('.error .message')).includes('<img src=x'))
    assert.deepEqual(
      asked.filter(path => !path.startsWith('/assets/')),
      ['/runs/1'],
    )
  })
})
