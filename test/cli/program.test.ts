import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RotaError } from '../../src/base/errors.ts'
import { sayFailure } from '../../src/cli/failure.ts'
import { OutputClosed } from '../../src/cli/terminal.ts'
import { version } from '../../src/version.ts'
import { StringTerminal, call, shell } from './terminals.ts'

test('the version and the help are answers: on standard output, with 0', async () => {
  assert.deepEqual(await shell(['--version']), { exit: 0, out: `${version}\n`, err: '' })
  const { exit, out, err } = await call(['--help'])
  assert.deepEqual({ exit, err }, { exit: 0, err: '' })
  for (const command of ['up', 'run', 'next', 'simulate', 'schedules', 'runs', 'sources', 'doctor']) {
    assert.match(out, new RegExp(`^  ${command} `, 'm'))
    assert.equal((await call([command, '--help'])).exit, 0, command)
  }
})

test('an unknown command or option exits with 2 and names the nearest right one', async () => {
  for (const [args, hint] of [
    [['nxt'], 'next'],
    [['next', 'hourly', '--timezon', 'UTC'], '--timezone'],
    [['runs', 'lst'], 'list'],
  ] as const) {
    const { exit, out, err } = await call(args)
    assert.deepEqual({ exit, out }, { exit: 2, out: '' }, args.join(' '))
    assert.match(err, new RegExp(`^rota: unknown .*\n\\(Did you mean ${hint}\\?\\)`), args.join(' '))
  }
})

test('what was typed is repeated without its controls', async () => {
  const { err } = await call(['\u001B[2Jnext'])
  assert.match(err, /^rota: unknown command '␛\[2Jnext'/)
})

test('a missing or wrong argument exits with 2', async () => {
  for (const args of [[], ['run'], ['runs', 'show'], ['up', '--port', 'many'], ['next', 'hourly', 'daily']]) {
    assert.equal((await call(args)).exit, 2, args.join(' '))
  }
})

test('an error says its message and exits as its code says', () => {
  const said = (thrown: unknown): readonly [number, string] => {
    const terminal = new StringTerminal()
    return [sayFailure(thrown, terminal), terminal.err]
  }
  assert.deepEqual(said(new RotaError('TASK_UNKNOWN', 'no \u001B[2Jsuch task')), [3, 'rota: no ␛[2Jsuch task\n'])
  assert.deepEqual(said(new RotaError('STORE_FULL', 'two\nlines')), [5, 'rota: two\n      lines\n'])
  assert.deepEqual(said(new OutputClosed()), [0, ''])
  const [exit, text] = said(new TypeError('a fault'))
  assert.equal(exit, 1)
  assert.match(text, /^rota: TypeError: a fault\n +at /)
})

test('the caret stands under its place in long and in wide text', () => {
  const caret = (text: string, position: number): readonly string[] => {
    const terminal = new StringTerminal()
    sayFailure(new RotaError('CONDITION_UNREADABLE', 'no', { details: { text, position } }), terminal)
    return terminal.err.split('\n').slice(1, 3)
  }
  assert.deepEqual(caret('on 東京', 5), ['  on 東京', `${' '.repeat(9)}^`])
  const [line = '', mark = ''] = caret(`${'a'.repeat(500)}!${'b'.repeat(500)}`, 500)
  assert.equal(line.indexOf('!'), mark.indexOf('^'))
  assert.ok(line.length < 140)
})
