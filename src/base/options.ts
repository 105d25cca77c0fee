/** Options as a person writes them: an unknown one is refused at once, with the nearest right name. */

import { RotaError } from './errors.ts'
import { nearest } from './nearest.ts'

const LONGEST_SHOWN = 40

/**
 * Refuses a name that is no option of `what`.
 *
 * @example refuseUnknownOptions('A schedule', { catchup: 'all' }, ['catchUp']) // throws: Did you mean 'catchUp'?
 * @throws RotaError OPTION_INVALID with `option`, and `hint` where a name is near
 */
export const refuseUnknownOptions = (what: string, options: object, known: readonly string[]): void => {
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue
    const option = name.slice(0, LONGEST_SHOWN)
    const hint = nearest(name, known)
    const advice = hint === undefined ? `It has ${known.join(', ')}.` : `Did you mean '${hint}'?`
    throw new RotaError('OPTION_INVALID', `${what} has no option '${option}'. ${advice}`, {
      details: { option, ...(hint === undefined ? {} : { hint }) },
    })
  }
}
