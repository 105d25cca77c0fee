/** Every zone of this machine, every date from 1970 to 2037: a daily schedule has one opportunity for each that exists. */

import { test } from 'node:test'
import { checkEveryDate } from '../when/every-date.ts'

const times = ['00:00', '00:30', '01:30', '02:00', '02:30', '03:00', '12:00', '23:30']

test('a daily schedule has one opportunity for each date, in every zone and year', () => {
  const zones = Intl.supportedValuesOf('timeZone')
  const missing: string[] = []
  const dropped: string[] = []
  const sum = { zones: zones.length, dates: 0, opportunities: 0, moved: 0, merged: 0 }
  for (const zone of zones) {
    for (const time of times) {
      const seen = checkEveryDate(zone, [time], [1970, 2037])
      sum.opportunities += seen.dates - seen.dropped.length
      dropped.push(...seen.dropped.map(date => `${date} ${time} in ${zone}`))
      sum.moved += seen.moved
      if (time !== times[0]) continue
      sum.dates += seen.dates
      missing.push(...seen.missing.map(date => `${date} in ${zone}`))
    }
    sum.merged += checkEveryDate(zone, ['02:10', '02:50'], [1970, 2037]).merged
  }
  console.log(JSON.stringify({ ...sum, missing, dropped, tz: process.versions['tz'] }, null, 1))
})
