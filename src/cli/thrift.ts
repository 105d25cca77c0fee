/** How a process that stays keeps its memory small: told to V8, which by itself would rather be fast than small. */

import { setFlagsFromString } from 'node:v8'

const flags = [
  // Space for new objects stays as small as it begins, not up to 48 MB: collecting it takes a millisecond.
  '--semi-space-growth-factor=1',
  // The space for old ones grows by a third before it is collected, not to several times what is alive.
  '--optimize-for-size',
  // The parser of HTTP answers stays as it was first compiled: compiling it once more takes 25 MB, which is not given back.
  '--wasm-tiering-budget=2000000000',
]

// Flags belong to a version of V8, and may go: set only where they were tried.
const TRIED = ['22', '24']

/** To be called before the work begins: what has grown by then stays grown for a while. */
export const keepSmall = (): void => {
  const [major = ''] = process.versions.node.split('.')
  if (TRIED.includes(major)) flags.forEach(flag => setFlagsFromString(flag))
}
