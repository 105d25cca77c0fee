/** Every example is a whole program: it runs, ends by itself, complains of nothing, and prints what it shows. */

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { describe, it } from 'node:test'

const folder = join(import.meta.dirname, '../../examples')

// A bound, not a measure: an example that hangs fails here instead of holding up everything.
const LONGEST_MS = 60_000

const compileCache = join(folder, '../node_modules/.cache/node')

/** What each example prints, in order. */
const prints: Readonly<Record<string, readonly RegExp[]>> = {
  'hello.ts': [
    /^Hello! This is run 1, wanted by a schedule\.$/,
    /run 2/,
    /run 3/,
    /^The schedule is ended after 3 runs\.$/,
  ],
  'retries.ts': [
    /^flaky, attempt 1: failed, no luck in attempt 1$/,
    /^flaky, attempt 2: failed, no luck in attempt 2$/,
    /^flaky, attempt 3: succeeded$/,
    /^flaky succeeded after 3 of 5 attempts\.$/,
    /^hopeless, attempt 1: failed, the account is closed$/,
    /^hopeless failed after 1 of 5 attempts\.$/,
  ],
  'timeout.ts': [/^The run failed, reason: timeout\.$/, /^It said: told to stop: .*100/],
  'overlap.ts': [
    /^Run \d+ begins\.$/,
    /^Run \d+ begins\.$/,
    /^Run \d+ succeeded\.$/,
    /^Skipped \d+ times: /,
    /^Run \d+ succeeded\.$/,
  ],
  'catch-up.ts': [
    /^The first start had a run\.$/,
    /^The second start had a run\.$/,
    /^\d+ missed moments became no run: /,
  ],
  'run-by-hand.ts': [
    /^Run 1 succeeded: {"letters":8}$/,
    /^Refused: The input does not fit: word: /,
    /^Run 2 cancelled: cancelled by anna$/,
    /^Run 3 is run 1 again: {"letters":8}$/,
  ],
  'scrape-a-page.ts': [
    /^succeeded: 2 new, 0 changed, 0 unchanged$/,
    /^succeeded: 1 new, 1 changed, 1 unchanged$/,
    ...Array.from({ length: 3 }, () => /^{"name":"\w+","price":"\d\.\d\d"}, version [12]$/),
  ],
  'testing.ts': [/^2 runs in two days\.$/, /^Ran at 2026-03-28T08:00:00Z\.$/, /^Ran at 2026-03-29T07:00:00Z\.$/],
  'simulate.ts': [
    /^In a week: 1015 runs, \d+ of them tried again, \d+ failed\.$/,
    /^Busiest minute: 2026-01-\d\dT\d\d:\d\d:00Z, \d starts\.$/,
    /^nightly and prices start in the same second 7 times\.$/,
    /^monthly never starts: nothing was due before 2026-02-01T03:00:00Z\.$/,
  ],
  'limits.ts': [
    /^example\.org\/1 starts\.$/,
    /^example\.org\/2 starts\.$/,
    /^example\.com\/1 starts\.$/,
    /^Run 5 waits: 3 of 3 of queue 'pages' are running \(runs 1, 2, 4\)\.$/,
    /^Run 3 waits: 2 of 2 of 'example\.org' are running \(runs 1, 2\)\.$/,
    /^example\.com\/2 starts\.$/,
    /^example\.org\/3 starts\.$/,
  ],
  'pause.ts': [/^Paused by anna: the site is being rebuilt\.$/, /^Kept of the pause: 1 row, skipped\(paused\)\.$/],
}

describe('an example', () => {
  it('is tested, each one', () => {
    const files = readdirSync(folder).filter(file => file.endsWith('.ts'))
    assert.deepEqual(files.toSorted(), Object.keys(prints).toSorted())
  })

  for (const [file, expected] of Object.entries(prints)) {
    it(`runs and shows what it is about: ${file}`, async () => {
      const child = spawn(process.execPath, [join(folder, file)], {
        signal: AbortSignal.timeout(LONGEST_MS),
        env: { ...process.env, NODE_COMPILE_CACHE: compileCache },
      })
      const [out, complaints, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')])
      assert.equal(complaints, '')
      assert.equal(code, 0)
      const lines = out.trimEnd().split('\n')
      assert.equal(lines.length, expected.length, out)
      for (const [index, pattern] of expected.entries()) assert.match(lines[index] ?? '', pattern)
    })
  }
})
