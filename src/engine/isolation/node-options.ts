/** The options of Node that a thread or child process starts with: those of this process, without the program that they hold. */

const PROGRAM = /^(-e|-p|-pe|--eval|--print)$/
const WITH_VALUE = /^--input-type$/
// A second debugger at the same port, a second watcher, a second test runner.
const LEFT_OUT = /^(--(eval|print|input-type)=.*|-i|--interactive|--inspect.*|--watch.*|--test.*)$/

/** @example inheritedOptions(['--import', './setup.mjs', '-e', 'run()']) // ['--import', './setup.mjs'] */
export const inheritedOptions = (options: readonly string[] = process.execArgv): readonly string[] => {
  const kept: string[] = []
  for (let i = 0; i < options.length; i++) {
    const option = options[i] ?? ''
    if (PROGRAM.test(option) || WITH_VALUE.test(option)) i++
    else if (!LEFT_OUT.test(option)) kept.push(option)
  }
  return kept
}
