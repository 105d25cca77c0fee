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
  'flow.ts': [
    /^report: run 3 succeeded with 4, run 6 succeeded with 5, run 7 succeeded with 7\.$/,
    /^alarm: the list could not be had\.$/,
    /^Run 1 succeeded: list succeeded, parse succeeded, report succeeded, alarm skipped, parse succeeded, parse succeeded\.$/,
    /^Run 8 partial: list failed, parse skipped, report skipped, alarm succeeded\.$/,
    /^alarm: the list could not be had\.$/,
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
    /^Skipped (once|\d+ times): run \d+ was still running\.$/,
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
  'thread.ts': [
    /^The run succeeded: 9592 primes, 100000 of 100000 looked at\.$/,
    /^The endless loop failed, reason: timeout\.$/,
    /^The log says: it did not end within 100ms of its signal, and was killed\.$/,
  ],
  'command.ts': [
    /^counts succeeded: {"exitCode":0}$/,
    /^It said: info one, info three, warn two\.$/,
    /^doubles succeeded: {"n":42}$/,
    /^fails failed: '.*' ended with exit code 3: disk full$/,
    /^hangs failed: 'hangs' took longer than its timeout of 300ms$/,
  ],
  'simulate.ts': [
    /^In a week: 1015 runs, \d+ of them tried again, \d+ failed\.$/,
    /^Busiest minute: 2026-01-\d\dT\d\d:\d\d:00Z, \d starts\.$/,
    /^nightly and prices start in the same second 7 times\.$/,
    /^monthly never starts: nothing was due before 2026-02-01T03:00:00Z\.$/,
  ],
  'business-hours.ts': [
    /^Ran at 2026-01-12T08:00:00Z and 2026-01-12T08:15:00Z\.$/,
    /^Sunday: Nothing was due 09:00: window closed, `on weekdays` did not hold\.$/,
    /^Nothing of it starts while stopWhen holds: `after 18:00` \(open until Tuesday 00:00, in 4 h\)\.$/,
    /^Next: Tuesday 09:00, in 13 h\.$/,
    /^Last, 16:45: run \d+ succeeded\.$/,
  ],
  'after.ts': [
    /^digest: run 1 gave {"items":3}\.$/,
    /^alarm: run 3 failed\.$/,
    /^It waits for `after 'news' succeeds` \(last success 09:00, already used by run 2\)\.$/,
    /^'alarm' wanted it after run 3, for 10:00\.$/,
    /^Run 4 succeeded, after run 3\.$/,
  ],
  'adaptive-interval.ts': [
    /^Before the match: 2 looks in 25 minutes\. During it: 60 in an hour\.$/,
    /^Why so often: run \d+ of 'match' is running since 18:30\.$/,
    /^✗ every 10 minutes: 21:30 is decided; next 21:40, in 5 min$/,
    /^✓ every minute: due since 21:35$/,
    /^✗ 'match' is running: 'match' is not running$/,
  ],
  'hold.ts': [
    /^It rests, by run 3: the quota of today is used up\.$/,
    ...Array.from({ length: 3 }, () => /^1 × succeeded$/),
    /^20 × paused$/,
    /^1 × succeeded$/,
  ],
  'holidays.ts': [
    /^Happy holidays!$/,
    /^Reports on 2026-12-24, 2026-12-28, 2026-12-29\.$/,
    /^25 December: Nothing was due 09:00: window closed, `not on 'holidays'` did not hold\.$/,
    /^After the 31st comes 2027-01-04T08:00:00Z\.$/,
  ],
  'wait-for-both.ts': [
    /^It waits for `after 'prices' succeeds` \(no success of 'prices' yet\)\.$/,
    /^ {2}✓ after 'orders' succeeds$/,
    /^ {2}✗ after 'prices' succeeds$/,
    /^ {2}✓ on weekdays$/,
    /^join: after runs 2 and 3\.$/,
    /^It waits for `after 'orders' succeeds` \(.*already used by run 4\) and for `after 'prices' succeeds` \(.*run 4\)\.$/,
    /^ {2}✗ after 'orders' succeeds$/,
    /^ {2}✗ after 'prices' succeeds$/,
    /^ {2}✓ on weekdays$/,
    /^1 run: the prices alone are not enough\.$/,
  ],
  'notices.ts': [
    /^busy, failed: task 'fetch-news' failed: Error: the site does not answer$/,
    /^genuine, failed: task 'fetch-news' failed/,
    /^genuine, recovered: task 'fetch-news' runs again: it failed 2 times since /,
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
