/** Commands keep the contract; and what of a program becomes log lines, result and outcome. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { isRotaError } from '../../../src/base/errors.ts'
import { command } from '../../../src/domain/isolation.ts'
import type { CommandOptions } from '../../../src/domain/isolation.ts'
import { Attempting, failureOf } from './attempting.ts'
import { isolationContract } from './contract.ts'
import { gone } from './gone.ts'

/** A program of JavaScript: any other would do as well. */
const script = (text: string, options: Omit<CommandOptions, 'argv'> = {}) =>
  command({ argv: [process.execPath, '-e', text], ...options })

const behaviours = {
  succeeds: '',
  fails: 'console.error("no luck"); process.exit(3)',
  polite: 'setInterval(() => {}, 1000); console.log("ready")',
  deaf: 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1000); console.log("ready")',
  huge: 'process.stdout.write("x".repeat(100_000_000))',
}

isolationContract('command', {
  work: behaviour => script(behaviours[behaviour], { result: behaviour === 'huge' ? 'text' : 'none' }),
  begun: trial => trial.said('ready'),
  result: { exitCode: 0 },
  failure: /ended with exit code 3: no luck$/,
  canBeKilled: true,
  canIgnore: true,
})

describe('the lines of a command', () => {
  test('are log lines in order, those of the standard error are warnings', async () => {
    await using here = new Attempting()
    const trial = here.begin(script('console.log("one"); console.log("two\\r"); process.stdout.write("three")'))
    await trial.outcome()
    assert.deepEqual(
      trial.lines.map(({ level, message, fields }) => [level, message, fields['stream']]),
      [
        ['info', 'one', 'stdout'],
        ['info', 'two', 'stdout'],
        ['info', 'three', 'stdout'],
      ],
    )
    const complaining = here.begin(script('console.error("odd")'))
    await complaining.outcome()
    assert.deepEqual(complaining.lines, [{ level: 'warn', message: 'odd', fields: { stream: 'stderr' } }])
  })

  test('are kept as they were written, controls and all', async () => {
    await using here = new Attempting()
    const trial = here.begin(script('process.stdout.write("\\u001B[2Jgone\\u0007 ✓\\n")'))
    await trial.outcome()
    assert.deepEqual(trial.messages(), ['\u001B[2Jgone\u0007 ✓'])
  })

  test('are cut where they are too long', async () => {
    await using here = new Attempting()
    const trial = here.begin(script('console.log("x".repeat(1_000_000)); console.log("next")'))
    await trial.outcome()
    assert.deepEqual(
      trial.messages().map(message => message.length),
      [4_000, 4],
    )
  })

  test('are the first and the last ones where there are too many, and how many are missing', async () => {
    await using here = new Attempting()
    const trial = here.begin(script('for (let i = 1; i <= 20000; i++) console.log(i)'))
    await trial.outcome()
    const messages = trial.messages()
    assert.equal(messages.length, 5_101)
    assert.deepEqual([messages[0], messages[4_999]], ['1', '5000'])
    assert.deepEqual(
      [messages[5_000], messages[5_001], messages.at(-1)],
      ['14900 lines are left out here', '19901', '20000'],
    )
  })
})

describe('a command', () => {
  test('is given its arguments as they are: no shell reads them', async () => {
    await using here = new Attempting()
    const argv = [process.execPath, '-p', 'JSON.stringify(process.argv.slice(1))', '--', '$HOME', '; ls', '*']
    const outcome = await here.run(command({ argv, result: 'json' }))
    assert.deepEqual(outcome, { kind: 'succeeded', result: ['$HOME', '; ls', '*'] })
  })

  test('makes its arguments from the input', async () => {
    await using here = new Attempting()
    const echo = command<{ word: string }>({
      argv: ({ input, run }) => [process.execPath, '-p', 'process.argv.slice(1).join()', '--', input.word, String(run)],
      result: 'text',
    })
    assert.deepEqual(await here.run(echo as never, {}, { word: 'tea' }), { kind: 'succeeded', result: 'tea,42\n' })
  })

  test('sees the listed variables, its run and its secrets, and nothing else', async () => {
    process.env['ROTA_SECRET_DB'] = 'hunter22'
    process.env['ROTA_TEST_LISTED'] = 'seen'
    process.env['ROTA_TEST_UNLISTED'] = 'unseen'
    await using here = new Attempting()
    const work = script('console.log(JSON.stringify(process.env))', {
      env: ['ROTA_TEST_LISTED', 'ROTA_TEST_ABSENT'],
      secrets: { PASSWORD: 'db' },
      result: 'json',
    })
    const outcome = await here.run(work)
    assert.ok(outcome.kind === 'succeeded')
    // Some systems give every process a variable of their own.
    const { __CF_USER_TEXT_ENCODING: _theirs, ...seen } = outcome.result as Record<string, string>
    assert.deepEqual(seen, {
      ROTA_TEST_LISTED: 'seen',
      PASSWORD: 'hunter22',
      ROTA_RUN: '42',
      ROTA_ATTEMPT: '1',
      ROTA_NOMINAL_AT: '2026-01-01T00:00:00Z',
    })
  })

  test('reads its input as JSON where it is wanted, and need not read it', async () => {
    await using here = new Attempting()
    const echo = script('process.stdin.pipe(process.stdout)', { stdin: 'input', result: 'json' })
    assert.deepEqual(await here.run(echo, {}, { word: 'tea' }), { kind: 'succeeded', result: { word: 'tea' } })
    const deaf = script('process.stdin.destroy()', { stdin: 'input' })
    assert.equal((await here.run(deaf, {}, 'x'.repeat(900_000))).kind, 'succeeded')
  })

  test('succeeds in part with the exit codes that say so', async () => {
    await using here = new Attempting()
    const outcome = await here.run(script('process.exit(24)', { partialExitCodes: [24] }))
    assert.ok(outcome.kind === 'partial')
    assert.deepEqual(outcome.result, { exitCode: 24 })
    assert.match(outcome.detail, /ended with exit code 24/)
  })

  test('that a signal ended fails, and says so', async () => {
    await using here = new Attempting()
    const failed = failureOf(await here.run(script('process.kill(process.pid, "SIGKILL")')))
    assert.match(failed.message, /ended by the signal SIGKILL/)
    assert.equal(failed.code, 'SIGKILL')
  })

  test('whose answer is no JSON fails, and is not tried again', async () => {
    await using here = new Attempting()
    const failed = failureOf(await here.run(script('console.log("{")', { result: 'json' }), { retry: { attempts: 3 } }))
    assert.match(failed.message, /its output is not JSON/)
    assert.equal(failed.again, false)
  })

  test('that is not there fails, and says which', async () => {
    await using here = new Attempting()
    assert.match(failureOf(await here.run(command({ argv: ['rota-no-such-program'] }))).message, /cannot be started/)
  })

  test('that is killed takes along the processes that it started', async () => {
    await using here = new Attempting()
    const text = `const { spawn } = require('node:child_process')
      const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' })
      console.log(child.pid); console.log('ready'); process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)`
    const trial = here.begin(script(text), { timeoutGrace: '1 s' })
    await trial.said('ready')
    const pid = Number(trial.messages()[0])
    trial.abort('cancelled')
    await here.clock.advance('1 s')
    await trial.end()
    await gone(pid)
  })

  test('that ends leaves no process behind', async () => {
    await using here = new Attempting()
    const text = `const { spawn } = require('node:child_process')
      const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' })
      child.unref(); process.stdout.write(child.pid + '\\n', () => process.exit(0))`
    const trial = here.begin(script(text))
    assert.equal((await trial.outcome()).kind, 'succeeded')
    await gone(Number(trial.messages()[0]))
  })

  test('that cannot be one is refused when it is made', () => {
    for (const options of [
      { argv: [] },
      { argv: 'ls -l' },
      { argv: ['ls', 'a\0b'] },
      { argv: ['ls'], stdin: 'yes' },
      { argv: ['ls'], partialExitCodes: [0] },
      { argv: ['ls'], envv: [] },
    ]) {
      assert.throws(
        () => command(options as never),
        error => isRotaError(error, 'OPTION_INVALID'),
      )
    }
  })
})
