import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HostLanes } from '../../../src/scrape/fetch/lanes.ts'

const open = new AbortController().signal
/** Lets every promise that can go on go on. */
const settle = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

const entering = (lanes: HostLanes, entered: string[], name: string, most = 2, signal = open): Promise<() => void> =>
  lanes.enter('host', most, signal).then(leave => {
    entered.push(name)
    return leave
  })

test('places are given in the order in which they were asked for', async () => {
  const lanes = new HostLanes()
  const entered: string[] = []
  const leaves = ['a', 'b', 'c', 'd'].map(name => entering(lanes, entered, name))
  await settle()
  assert.deepEqual(entered, ['a', 'b'])
  ;(await leaves[1])?.()
  await settle()
  assert.deepEqual(entered, ['a', 'b', 'c'])
  ;(await leaves[0])?.()
  ;(await leaves[0])?.()
  await settle()
  assert.deepEqual(entered, ['a', 'b', 'c', 'd'], 'leaving twice frees one place')
})

test('hosts do not wait for each other', async () => {
  const lanes = new HostLanes()
  await lanes.enter('one', 1, open)
  await lanes.enter('two', 1, open)
})

test('who gives up waiting makes room for who stands behind', async () => {
  const lanes = new HostLanes()
  const entered: string[] = []
  const stop = new AbortController()
  await entering(lanes, entered, 'a', 2)
  const strict = entering(lanes, entered, 'strict', 1, stop.signal)
  const behind = entering(lanes, entered, 'behind', 2)
  await settle()
  assert.deepEqual(entered, ['a'])
  stop.abort(new Error('no longer'))
  await assert.rejects(strict, /no longer/)
  await behind
  assert.deepEqual(entered, ['a', 'behind'])
  await assert.rejects(lanes.enter('host', 9, stop.signal), /no longer/)
})
