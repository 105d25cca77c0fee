import assert from 'node:assert/strict'
import test from 'node:test'
import { instant } from '../../src/base/instant.ts'
import { chain, group, map } from '../../src/domain/flow.ts'
import type { FlowStep } from '../../src/domain/flow.ts'
import { pages } from '../../src/dashboard/pages.ts'
import { rota } from '../../src/rota.ts'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'
import { read } from './read.ts'
import type { Read } from './read.ts'

/** The page of a flow of these steps that is in the middle of its work, and those of its runs by number. */
const shown = async (steps: FlowStep, work: (page: (id?: number) => Promise<Read>) => Promise<void>): Promise<void> => {
  const clock = new VirtualClock('2026-11-22T09:00:00Z')
  const app = rota({ store: ':memory:', clock, lookEvery: '1 h' })
  app.task('list', () => Array.from({ length: 250 }, (_, i) => i))
  app.task('each', ({ input }) => {
    if (input === 7) throw new Error('no answer')
  })
  app.task('done', () => null)
  app.task('wait', ({ clock: time, signal }) => time.sleepUntil(instant(time.now() + 60_000), signal))
  app.flow('nightly', steps)
  await clock.during(app.start())
  const root = await clock.during(app.run('nightly'))
  await clock.settle()
  const dashboard = pages(app)
  await work(async (id = root.id) => read(await clock.during(Promise.resolve(dashboard.request(`/runs/${id}`)))))
  const stopped = app.stop({ grace: 0 })
  await clock.advance('1 s')
  await stopped
}

test('the page of a flow draws each step with its state, what it begins on, and a way to its page', () =>
  shown(chain('done', group('wait', { task: 'each', on: 'fails' })), async page => {
    const { $, lines } = await page()
    assert.deepEqual(lines('.flow .task'), ['done', 'wait', 'each'])
    assert.deepEqual(lines('.flow .words'), ['#2 succeeded', '#3 running', '#4 skipped'])
    assert.deepEqual(lines('.flow .rule'), ['on failure'])
    assert.equal($('.flow a[href="/runs/3"]').attr('aria-label'), 'wait: #3 running')
    assert.equal($('.flow svg').attr('aria-label'), 'The steps of nightly: 1 succeeded, 1 running, 1 skipped')
    // From the first to where both begin, and from there to each.
    assert.equal($('.flow .edge').length, 3)
    assert.equal($('.flow .edge.fails').length, 1)
    assert.match($('body').attr('data-events') ?? '', /run=1$/)
  }))

test('of a large flow the steps of a task are one box, counted by state', () =>
  shown(chain('list', map('each'), 'done'), async page => {
    const { $, lines } = await page()
    assert.deepEqual(lines('.flow .task'), ['list', 'each', 'done'])
    assert.deepEqual(lines('.flow .words'), ['1 succeeded', '1 failed, 249 succeeded', '1 skipped'])
    assert.equal($('.flow a').length, 0)
    assert.match(lines('section h2').find(line => line.startsWith('Flow')) ?? '', /252 steps/)
  }))

test('a step leads to the run that stands for its flow, and draws nothing itself', () =>
  shown(chain('done', 'wait'), async page => {
    const { $, text } = await page(3)
    assert.match(text, /A step of the flow of run #1/)
    assert.equal($('.facts a[href="/runs/1"]').length, 1)
    assert.equal($('.flow').length, 0)
  }))
