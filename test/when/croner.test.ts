/**
 * The same answers as croner, another cron of some age, on random texts, zones and instants.
 *
 * Where the two are known to differ, they are not compared:
 * - around a change of the clocks. There croner moves a time in a gap by the width of the gap (02:30 becomes 03:30), where
 *   this is at its end (03:00), and it does not tell fixed times from stars. Only stretches without a change are compared.
 * - `*` or a step of 1 inside a list of a day field: restricted to croner, unrestricted here. Such lists are not made.
 * - a step as large as a field (a minute by 60) is accepted by croner and refused here; ranges that wrap, `L-3` and names
 *   with `L` are refused by croner and accepted here. The generator makes none of them.
 */

import assert from 'node:assert/strict'
import test from 'node:test'
import { Cron } from 'croner'
import fc from 'fast-check'
import { instant } from '../../src/base/instant.ts'
import { zoneOf } from '../../src/when/calendar.ts'
import { timetable } from '../../src/when/timetable.ts'
import { cronText } from './conditions.ts'

const zones = ['UTC', 'Asia/Kolkata', 'Asia/Tokyo', 'Europe/Berlin', 'America/Sao_Paulo', 'Pacific/Chatham']

test('cron text means what it means to croner', () => {
  let compared = 0
  fc.assert(
    fc.property(
      cronText,
      fc.constantFrom(...zones),
      fc.integer({ min: Date.UTC(2000, 0, 1), max: Date.UTC(2060, 0, 1) }),
      (text, timezone, after) => {
        const times = timetable(text, timezone)
        const other = new Cron(text, { timezone })
        let at = instant(after)
        for (let count = 0; count < 4; count++) {
          const next = times.next(at, at)
          // Croner gives up earlier, and dates far off are slow there.
          if (next === null || next - at > 9 * 366 * 86_400_000 || changes(timezone, at, next)) return
          assert.equal(other.nextRun(new Date(at))?.getTime(), next)
          compared++
          at = next
        }
      },
    ),
    { numRuns: 600, seed: 1 },
  )
  assert.ok(compared > 800, `${compared} compared`)
})

/** Whether the offset differs anywhere around the two instants. */
function changes(timezone: string, from: number, to: number): boolean {
  const zone = zoneOf(timezone)
  const day = 86_400_000
  const offset = zone.local(from - day) - (from - day)
  return [from + day, to - day, to, to + day].some(at => zone.local(at) - at !== offset)
}
