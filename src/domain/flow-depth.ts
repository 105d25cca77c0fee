/** How far from its beginning each point of a flow lies: what shows a flow puts its steps into rows by that. Pure. */

import { START } from './flow.ts'

/** Of each point the most steps that lie before it, one after the other. */
export const depthsOf = (
  steps: readonly { readonly from: number; readonly to: number }[],
): ReadonlyMap<number, number> => {
  const after = Map.groupBy(steps, ({ from }) => from)
  const missing = new Map([...Map.groupBy(steps, ({ to }) => to)].map(([to, into]) => [to, into.length]))
  const depths = new Map([[START, 0]])
  // Grows while it is gone through: a point is reached once all that leads to it has been.
  const reached = [START]
  for (const point of reached) {
    for (const { to } of after.get(point) ?? []) {
      depths.set(to, Math.max(depths.get(to) ?? 0, (depths.get(point) ?? 0) + 1))
      const left = (missing.get(to) ?? 1) - 1
      missing.set(to, left)
      if (left === 0) reached.push(to)
    }
  }
  return depths
}
