/** Makes one run after the other, ends every second one, and says the number of each once committed. Argument: the path. */

import { instant } from '../../src/base/instant.ts'
import { openSqliteStore } from '../../src/store/sqlite/store.ts'
import { granted } from '../../src/store/store.ts'
import { deciding, definition, done, nothingToJudge, start, wanted } from './given.ts'

const store = await openSqliteStore({ path: process.argv[2] ?? '' })
const judge = deciding({})
const {
  results: [put],
} = await store.commit(
  [{ kind: 'putSchedule', mode: 'declare', at: start, definition: definition('often', { declaredHash: 'h' }) }],
  nothingToJudge,
)
let schedule = granted(put)
for (let i = schedule.runsCreated; ; i++) {
  const at = instant(start + i)
  const {
    results: [judged],
  } = await store.commit(
    [{ kind: 'judge', schedule: schedule.id, ahead: schedule, at, claimFor: 'w1', slots: 1 }],
    (subject, now) => ({ ...judge(subject, now), runs: wanted(at) }),
  )
  const [run] = granted(judged)?.runs ?? []
  if (run === undefined) throw new Error('no run was made')
  schedule = granted(judged)?.schedule ?? schedule
  if (i % 2 === 0) {
    const common = { outcome: done, worker: 'w1', attemptStartedAt: at, taskIsSource: false } as const
    await store.commit([{ kind: 'finish', run: run.id, fence: run.fence, at, ...common }], judge)
  }
  console.log(run.id)
}
