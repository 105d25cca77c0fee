/** What every isolation promises, wherever the work is done. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Isolated } from '../../../src/domain/isolation.ts'
import type { Handler } from '../../../src/domain/task.ts'
import { Attempting, failureOf } from './attempting.ts'
import type { Trial } from './attempting.ts'

export type Behaviour = 'succeeds' | 'fails' | 'polite' | 'deaf' | 'huge'

/** The work that behaves so, and how its beginning is noticed. */
export interface IsolationUnderTest {
  readonly work: (behaviour: Behaviour) => Isolated | Handler
  readonly begun: (trial: Trial) => Promise<void>
  /** What `succeeds` comes to. */
  readonly result: unknown
  /** A pattern of the message of what `fails` throws. */
  readonly failure: RegExp
  /** Whether it can be ended by force. */
  readonly canBeKilled: boolean
  /** Whether it can ignore its signal. */
  readonly canIgnore: boolean
}

export const isolationContract = (
  name: string,
  { work, begun, result, failure, canBeKilled, canIgnore }: IsolationUnderTest,
): void => {
  describe(`${name}: work`, () => {
    test('succeeds with its result', async () => {
      await using here = new Attempting()
      assert.deepEqual(await here.run(work('succeeds')), { kind: 'succeeded', result })
    })

    test('fails with its reason, and may be tried again', async () => {
      await using here = new Attempting()
      const failed = failureOf(await here.run(work('fails'), { retry: { attempts: 2 } }))
      assert.equal(failed.reason, 'error')
      assert.match(failed.message, failure)
      assert.equal(failed.again, true)
    })

    test('with a result of 100 MB fails, and is not tried again', async () => {
      await using here = new Attempting()
      const failed = failureOf(await here.run(work('huge'), { retry: { attempts: 2 } }))
      assert.match(failed.message, /allowed/)
      assert.equal(failed.again, false)
    })

    test('that is over may be followed by more', async () => {
      await using here = new Attempting()
      for (let i = 0; i < 3; i++) assert.deepEqual(await here.run(work('succeeds')), { kind: 'succeeded', result })
    })

    test('of several attempts at once is kept apart', async () => {
      await using here = new Attempting()
      const deaf = here.begin(work('polite'))
      await begun(deaf)
      assert.deepEqual(await here.run(work('succeeds')), { kind: 'succeeded', result })
      deaf.abort('cancelled')
      await deaf.end()
    })
  })

  const whenClosing = async (): Promise<void> => {
    const here = new Attempting()
    const trial = here.begin(work('deaf'))
    await begun(trial)
    await here.isolations.close()
    assert.equal(failureOf(await trial.outcome()).reason, 'error')
  }
  if (canBeKilled) test(`${name}: work that is left when everything closes is ended`, whenClosing)

  describe(`${name}: work that is told to end`, () => {
    test('at its timeout ends, and was neither killed nor abandoned', async () => {
      await using here = new Attempting()
      const trial = here.begin(work('polite'), { timeout: '5 s' })
      await begun(trial)
      await here.clock.advance('5 s')
      const end = await trial.end()
      assert.equal(end.abandoned, false)
      const failed = failureOf(await trial.outcome())
      assert.deepEqual([failed.reason, failed.name], ['timeout', 'Timeout'])
    })

    test('by a worker that stops is given back', async () => {
      await using here = new Attempting()
      const trial = here.begin(work('polite'))
      await begun(trial)
      trial.abort('stopping')
      assert.deepEqual(await trial.end(), { kind: 'given back', abandoned: false })
    })

    test('before it began is over at once', async () => {
      await using here = new Attempting()
      const trial = here.begin(work('polite'))
      trial.abort('cancelled')
      assert.equal(failureOf(await trial.outcome()).again, false)
    })
  })

  if (!canBeKilled || !canIgnore) return
  describe(`${name}: work that ignores its signal`, () => {
    test('is killed after its grace, and the run ends failed(timeout)', async () => {
      await using here = new Attempting()
      const trial = here.begin(work('deaf'), { timeout: '5 s', timeoutGrace: '2 s', retry: { attempts: 2 } })
      await begun(trial)
      await here.clock.advance('7 s')
      const end = await trial.end()
      assert.equal(end.abandoned, false)
      const failed = failureOf(await trial.outcome())
      assert.deepEqual([failed.reason, failed.again], ['timeout', true])
      assert.ok(
        trial.messages().some(message => /killed/.test(message)),
        'it is said that it was killed',
      )
    })

    test('is killed when it was cancelled', async () => {
      await using here = new Attempting()
      const trial = here.begin(work('deaf'), { timeoutGrace: '2 s', retry: { attempts: 2 } })
      await begun(trial)
      trial.abort('cancelled')
      await here.clock.advance('2 s')
      const end = await trial.end()
      assert.equal(end.abandoned, false)
      assert.equal(failureOf(await trial.outcome()).again, false)
    })
  })
}
