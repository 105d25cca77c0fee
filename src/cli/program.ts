/**
 * The commands and their options, and nothing of what they do: each loads its own file when it is called, so that a quick
 * question is answered quickly.
 */

import { Command, InvalidArgumentError, Option } from 'commander'
import { neutral } from '../base/foreign.ts'
import { version } from '../version.ts'
import { exits, sayFailure } from './failure.ts'
import type { Terminal } from './terminal.ts'

/** Runs one command line and gives the exit code. */
export const main = async (args: readonly string[], terminal: Terminal): Promise<number> => {
  let exit: number = exits.ok
  // What commander prints (help, the version) goes out before the program ends.
  let printed = Promise.resolve()
  const print = (text: string): void => {
    printed = printed.then(() => terminal.print(text))
  }
  const program = commands(terminal, async command => {
    exit = await command
  })
  everyCommand(program, command =>
    command
      .exitOverride()
      .configureOutput({
        writeOut: print,
        writeErr: text => terminal.say(text),
        outputError: (text, write) => write(misuse(text, terminal)),
        getOutHelpWidth: () => Math.min(terminal.columns ?? 80, 100),
        getErrHelpWidth: () => Math.min(terminal.columns ?? 80, 100),
        getOutHasColors: () => terminal.colors.isColorSupported,
        getErrHasColors: () => terminal.errorColors.isColorSupported,
      })
      .configureHelp({ styleTitle: text => terminal.colors.bold(text) }),
  )
  try {
    await program.parseAsync(args, { from: 'user' })
    return exit
  } catch (thrown) {
    await printed.catch(() => {})
    return sayFailure(thrown, terminal)
  }
}

// It repeats what was typed, or pasted.
const misuse = (text: string, { errorColors }: Terminal): string =>
  text
    .split('\n')
    .map(line => neutral(line))
    .join('\n')
    .replace(/^error:/, errorColors.red(errorColors.bold('rota:')))

type Running = (command: Promise<number>) => Promise<void>

const everyCommand = (command: Command, change: (command: Command) => void): void => {
  change(command)
  for (const child of command.commands) everyCommand(child, change)
}

const commands = (terminal: Terminal, running: Running): Command => {
  const program = new Command('rota')
    .description('Runs recurring work on time, above all scrapers, and shows what happened.')
    .version(version, '-V, --version', 'say which version this is')
    .helpOption('-h, --help', 'say what can be asked')
    .helpCommand('help [command]', 'say what a command does')
    .addHelpText('after', EXAMPLES)

  program
    .command('up')
    .summary('start an app and its dashboard')
    .description('Starts the app that a config exports, and serves its dashboard, until Ctrl-C.')
    .argument('[config]', 'a module that exports an app (default: rota.config.ts or .js in this folder)')
    .option(
      '-p, --port <number>',
      'of the dashboard; 0 takes a free one (default: as the config says, else 4820)',
      wholeNumber,
    )
    .option('--store <file>', 'another store than the config names')
    .action(async (config, options) => running(import('./up.ts').then(({ up }) => up(config, options, terminal))))

  program
    .command('run')
    .summary('run a task now, in this process')
    .description(
      'Records one run of a task, executes it in this process, and prints its result as JSON. Nothing else is started.',
    )
    .argument('<task>', 'its name')
    .option('-i, --input <json>', 'given to the task (default: null)')
    .option('--priority <number>', '0 to 9, 9 first, where it has to wait (default: that of the task)', wholeNumber)
    .option('-c, --config <file>', 'the module that exports the app')
    .addHelpText('after', RUN_EXITS)
    .action(async (task, options) => running(import('./run.ts').then(({ run }) => run(task, options, terminal))))

  program
    .command('next')
    .summary('when a condition comes true next')
    .description('Says when a condition comes true next. Nothing is stored or started.')
    .argument('[condition]', 'such as "every 5 minutes and between 09:00 and 17:00", or cron text')
    .option('-z, --timezone <name>', 'IANA name of the zone the condition is read in', 'UTC')
    .option('--after <instant>', 'ISO, with Z or an offset: later than this (default: now)')
    .option('--anchor <instant>', 'where intervals count from (default: --after)')
    .option('-n, --count <number>', 'how many, at most 10000', wholeNumber, 5)
    .option('--json', 'one object, as --batch gives it, with reading, notes and warnings')
    .addOption(
      new Option(
        '--batch',
        'answer JSON lines from standard input: {"id", "condition", "timezone", "after", "anchor", "count"}',
      ).conflicts(['timezone', 'after', 'anchor', 'count']),
    )
    .action(async (condition, options) =>
      running(import('./next.ts').then(({ next }) => next(condition, options, terminal))),
    )

  addWhy(program, terminal, running)
  addExplain(program, terminal, running)
  addSimulate(program, terminal, running)
  addSchedules(program, terminal, running)
  addRuns(program, terminal, running)
  addQueues(program, terminal, running)
  addWorkers(program, terminal, running)
  addSources(program, terminal, running)
  addNotices(program, terminal, running)
  addBackups(program, terminal, running)
  addExchange(program, terminal, running)

  opening(program.command('doctor'))
    .summary('check that everything is in order')
    .description('Checks this machine, the store and what is in it. Exits with 5 when something is wrong.')
    .option('--json', 'one JSON document')
    .action(async options => running(import('./doctor.ts').then(({ doctor }) => doctor(options, terminal))))

  return program
}

const addWhy = (program: Command, terminal: Terminal, running: Running): void => {
  opening(program.command('why'))
    .summary('why a schedule is silent, or a run is there')
    .description(
      'Says why a schedule does or did nothing, or what it did, part by part; or why a run is there and as it is. A number is a run.',
    )
    .argument('<schedule|run>', 'a name, or the number of a run')
    .option('--at <instant>', 'a past instant: ISO with Z or an offset, or 2026-11-22T09:00 in its zone (default: now)')
    .option('--json', 'one JSON document, as the API answers')
    .action(async (subject, options) => running(import('./why.ts').then(({ why }) => why(subject, options, terminal))))
}

const addSimulate = (program: Command, terminal: Terminal, running: Running): void => {
  program
    .command('simulate')
    .summary('what the schedules would do')
    .description(
      'Runs the schedules of a config, or of a store, over a virtual clock: the real scheduler, with tasks that only pretend. Nothing is stored, and no task is called.',
    )
    .argument('[config]', 'a module that exports an app (default: rota.config.ts or .js in this folder)')
    .option('--store <file>', 'also the schedules in this store; without a config, these alone')
    .option('--from <instant>', 'ISO, with Z or an offset (default: the minute that it is now)')
    .option('--for <duration>', 'such as 12h or 7d, at most 400d', '7d')
    .option('--fail <task=share>', 'let attempts of a task fail: news=0.2 is one in five', collected, [])
    .option('--takes <task=duration>', 'how long attempts take: news=30s, or news=10s..2m (default: 1s)', collected, [])
    .option('--seed <number>', 'the same gives the same simulation', wholeNumber, 1)
    .option(
      '--events <number>',
      'how many events are told, the first ones (default: 10, with --json 1000)',
      wholeNumber,
    )
    .option('--json', 'one JSON document')
    .action(async (config, options) =>
      running(import('./simulate.ts').then(({ simulate }) => simulate(config, options, terminal))),
    )
}

const addExplain = (program: Command, terminal: Terminal, running: Running): void => {
  program
    .command('explain')
    .summary('whether a condition holds, and why')
    .description(
      'Says whether a condition holds at an instant, by what happened until then, and why. Nothing is stored.',
    )
    .argument('[condition]', 'such as "daily at 09:00 and after \'news\' succeeds"')
    .option('-z, --timezone <name>', 'IANA name of the zone the condition is read in', 'UTC')
    .option('--at <instant>', 'ISO, with Z or an offset (default: now)')
    .option('--task <name>', 'the task that the condition starts')
    .option('--mark <instant>', 'everything up to here is decided (default: long ago)')
    .option('--grace <length>', 'how late a moment may be decided, such as 1h (default: without limit)')
    .option('--anchor <instant>', 'where intervals count from (default: --mark, else 1970-01-01T00:00:00Z)')
    .option('--history <json>', '[{"task", "event", "at"}, …]; an event is started, succeeded, failed, …')
    .option('--json', 'one object, as --batch gives it')
    .addOption(
      new Option(
        '--batch',
        'answer JSON lines from standard input: {"id", "condition", "task", "timezone", "at", "mark", "grace", "anchor", "history"}',
      ).conflicts(['timezone', 'at', 'task', 'mark', 'grace', 'anchor', 'history']),
    )
    .action(async (condition, options) =>
      running(import('./explain.ts').then(({ explain }) => explain(condition, options, terminal))),
    )
}

const addSchedules = (program: Command, terminal: Terminal, running: Running): void => {
  const file = () => import('./schedules.ts')
  const schedules = program
    .command('schedules')
    .summary('list schedules, pause and resume them')
    .description('Schedules, and what can be asked of them.')
  listing(schedules.command('list'))
    .description('Lists schedules by name.')
    .option('--tag <tag>', 'only those with this tag')
    .action(async options => running(file().then(({ listSchedules }) => listSchedules(options, terminal))))
  opening(schedules.command('show'))
    .description('Shows one schedule and its next ten times.')
    .argument('<name>')
    .option('--json', 'one JSON document')
    .action(async (name, options) => running(file().then(({ showSchedule }) => showSchedule(name, options, terminal))))
  opening(schedules.command('pause'))
    .description('Pauses a schedule: nothing of it starts until it is resumed, or the time is over.')
    .argument('<name>')
    .option('--why <text>', 'for those who will wonder')
    .option('--for <time>', 'it ends by itself after this, such as 2h')
    .action(async (name, options) =>
      running(file().then(({ pauseSchedule }) => pauseSchedule(name, options, terminal))),
    )
  opening(schedules.command('resume'))
    .description('Lifts the pause. What passed meanwhile is not made up for.')
    .argument('<name>')
    .action(async (name, options) =>
      running(file().then(({ resumeSchedule }) => resumeSchedule(name, options, terminal))),
    )
  opening(schedules.command('remove'))
    .description('Removes a schedule. Its runs stay.')
    .argument('<name>')
    .action(async (name, options) =>
      running(file().then(({ removeSchedule }) => removeSchedule(name, options, terminal))),
    )
}

const addRuns = (program: Command, terminal: Terminal, running: Running): void => {
  const file = () => import('./runs.ts')
  const runs = program
    .command('runs')
    .summary('list runs, show one, cancel it, run it again, release it')
    .description('Runs, and what can be asked of them.')
  listing(runs.command('list'))
    .description('Lists runs, newest first.')
    .option('--state <states>', 'only in these states, with commas between: running,failed')
    .option('--task <name>', 'only of this task')
    .option('--schedule <name>', 'only of this schedule')
    .option('--source <name>', 'only those that asked this source')
    .action(async options => running(file().then(({ listRuns }) => listRuns(options, terminal))))
  opening(runs.command('show'))
    .description('Shows one run: its attempts, its units, its log.')
    .argument('<id>')
    .option('--json', 'one JSON document')
    .action(async (id, options) => running(file().then(({ showRun }) => showRun(id, options, terminal))))
  opening(runs.command('cancel'))
    .description('Cancels a run: at once while it waits; one that is running is asked to stop.')
    .argument('<id>')
    .action(async (id, options) => running(file().then(({ cancelRun }) => cancelRun(id, options, terminal))))
  opening(runs.command('release'))
    .description('Lets runs go on that a restore held: one, or all of them.')
    .argument('[id]', 'one of them (default: all)')
    .action(async (id, options) => running(file().then(({ releaseRuns }) => releaseRuns(id, options, terminal))))
  opening(runs.command('again'))
    .description(
      'Wants a new run of the same task with the same input, and prints its number. A running `rota up` executes it.',
    )
    .argument('<id>')
    .action(async (id, options) => running(file().then(({ runAgain }) => runAgain(id, options, terminal))))
}

const addQueues = (program: Command, terminal: Terminal, running: Running): void => {
  const file = () => import('./queues.ts')
  opening(program.command('queues'))
    .summary('list queues')
    .description('Lists queues: what runs and waits in each, and which are paused.')
    .option('--json', 'one JSON document, as the API answers')
    .action(async options => running(file().then(({ listQueues }) => listQueues(options, terminal))))
  opening(program.command('pause'))
    .summary('let nothing start, of a queue or at all')
    .description(
      'Pauses a queue, or everything: nothing of it starts until it is resumed, or the time is over. What runs goes on.',
    )
    .option('--queue <name>', 'only this queue (default: everything)')
    .option('--why <text>', 'for those who will wonder')
    .option('--for <time>', 'it ends by itself after this, such as 2h')
    .action(async options => running(file().then(({ pause }) => pause(options, terminal))))
  opening(program.command('resume'))
    .summary('lift such a pause')
    .description('Lifts the pause of a queue, or of everything. What waited starts.')
    .option('--queue <name>', 'this queue (default: everything)')
    .action(async options => running(file().then(({ resume }) => resume(options, terminal))))
}

const addWorkers = (program: Command, terminal: Terminal, running: Running): void => {
  const workers = program
    .command('workers')
    .summary('list the processes that execute runs')
    .description('Workers: the processes that execute runs of a store.')
  opening(workers.command('list'))
    .description('Lists workers, whether they go on, and how many runs they execute.')
    .option('--json', 'one JSON document, as the API answers')
    .action(async options => running(import('./workers.ts').then(({ listWorkers }) => listWorkers(options, terminal))))
}

const addSources = (program: Command, terminal: Terminal, running: Running): void => {
  const file = () => import('./sources.ts')
  const sources = program
    .command('sources')
    .summary('list sources and their health')
    .description('Sources and their health.')
  listing(sources.command('list'))
    .description('Lists sources by name.')
    .action(async options => running(file().then(({ listSources }) => listSources(options, terminal))))
  opening(sources.command('show'))
    .description('Shows one source and how its health changed.')
    .argument('<name>')
    .option('--json', 'one JSON document')
    .action(async (name, options) => running(file().then(({ showSource }) => showSource(name, options, terminal))))
}

const addNotices = (program: Command, terminal: Terminal, running: Running): void => {
  const file = () => import('./notices.ts')
  const notices = program
    .command('notices')
    .summary('list what was told, and test a destination')
    .description('Notices: what was told, to whom, and whether it arrived.')
  listing(notices.command('list'))
    .description('Lists notices, newest first.')
    .action(async options => running(file().then(({ listNotices }) => listNotices(options, terminal))))
  opening(notices.command('test'))
    .description('Sends a test notice to a destination of the app, and says what came of it.')
    .argument('<destination>')
    .action(async (name, options) => running(file().then(({ testNotices }) => testNotices(name, options, terminal))))
}

const addBackups = (program: Command, terminal: Terminal, running: Running): void => {
  const file = () => import('./backup.ts')
  opening(program.command('backup'))
    .summary('write the whole store into one file')
    .description('Writes everything in the store into one file, while a Rota works on it, and checks the file.')
    .argument('<file>', 'the file to write')
    .option('--force', 'replace a file of this name')
    .action(async (to, options) => running(file().then(({ backUp }) => backUp(to, options, terminal))))
  opening(program.command('restore'))
    .summary('put a backup in the place of the store')
    .description(
      'Puts a backup in the place of the store, which no Rota may be using. What was there is kept beside it. Schedules go on from now; what was unfinished waits until it is released.',
    )
    .argument('<file>', 'the backup')
    .option('--force', 'also over a store that holds what the backup does not')
    .option('--catch-up', 'make up for what passed since, and let unfinished runs go on at once')
    .action(async (from, options) => running(file().then(({ restore }) => restore(from, options, terminal))))
}

const addExchange = (program: Command, terminal: Terminal, running: Running): void => {
  const file = () => import('./exchange.ts')
  opening(program.command('export'))
    .summary('write the definitions of all schedules')
    .description('Writes the definition of every schedule that has not ended as JSON, sorted by name.')
    .argument('[file]', 'the file to write (default: standard output)')
    .option('--force', 'replace a file of this name')
    .action(async (to, options) => running(file().then(({ exportTo }) => exportTo(to, options, terminal))))
  opening(program.command('import'))
    .summary('create and edit schedules as a file says')
    .description(
      'Creates and edits schedules as the file of an export says: all of them, or none when anything is wrong. Schedules that it does not name stay as they are.',
    )
    .argument('<file>', 'the file; - reads standard input')
    .option('--dry-run', 'only say what would change')
    .option('--json', 'one JSON document')
    .action(async (from, options) => running(file().then(({ importFrom }) => importFrom(from, options, terminal))))
}

const opening = (command: Command): Command =>
  command
    .option('-c, --config <file>', 'the module that exports the app (default: rota.config.ts or .js in this folder)')
    .option('--store <file>', 'a store file, without a config (default: rota.db in this folder)')

const listing = (command: Command): Command =>
  opening(command)
    .option('-n, --limit <number>', 'at most so many, up to 200', wholeNumber, 50)
    .option('--cursor <text>', 'go on where the page before ended')
    .option('--json', 'one JSON document, as the API answers')

const EXAMPLES = `
Examples:
  rota next "daily at 09:00" --timezone Europe/Berlin
  rota up
  rota why nightly --at 2026-11-22T09:00
  rota runs list --state failed
`

const RUN_EXITS = `
Exit codes: 0 succeeded, 1 failed, 6 succeeded in part, 7 cancelled.
`

const collected = (text: string, before: readonly string[]): readonly string[] => [...before, text]

const wholeNumber = (text: string): number => {
  const number = Number(text)
  if (Number.isSafeInteger(number) && text.trim() !== '') return number
  throw new InvalidArgumentError('It is a whole number.')
}
