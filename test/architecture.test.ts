/** The rules of the house, each a sentence. Every rule is also shown a text that breaks it, so that none passes by being blind. */

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { join, posix, resolve } from 'node:path'
import test from 'node:test'
import ts from 'typescript'

interface File {
  /** From the root of the checkout. */
  readonly path: string
  readonly text: string
}

interface Rule {
  readonly sentence: string
  /** What breaks the rule, as `path:line what`. */
  readonly faults: (files: readonly File[]) => readonly string[]
  /** Files that break it. */
  readonly broken: readonly (readonly File[])[]
}

// Each room and the rooms below it that it may import from. Files directly in src are the room `rota`: the whole put together.
const below: Readonly<Record<string, readonly string[]>> = {
  base: [],
  when: ['base'],
  domain: ['base', 'when'],
  store: ['base', 'when', 'domain'],
  engine: ['base', 'when', 'domain', 'store'],
  scheduler: ['base', 'when', 'domain', 'store', 'engine'],
  rota: ['base', 'when', 'domain', 'store', 'engine', 'scheduler'],
  scrape: ['base', 'when', 'domain', 'store'],
  server: ['base', 'when', 'domain', 'rota', 'scrape'],
  dashboard: ['base', 'when', 'domain', 'rota', 'scrape'],
  // Of `testing`, above all `simulate`: the program asks the same function that tests ask.
  cli: ['base', 'when', 'domain', 'store', 'engine', 'scheduler', 'rota', 'scrape', 'server', 'dashboard', 'testing'],
  testing: ['base', 'when', 'domain', 'store', 'engine', 'scheduler', 'rota', 'scrape'],
}

// Peers: a package that src imports asks for them.
const neededByOthers: Readonly<Record<string, string>> = { zod: '@hono/zod-openapi' }

// A tenth of a megabyte or less each; SQLite is what the core is for.
const light: readonly string[] = ['async_hooks', 'fs', 'fs/promises', 'os', 'path', 'sqlite'].map(
  name => `node:${name}`,
)

const source = (path: string, text: string): File => ({ path, text })
const isSource = ({ path }: File): boolean => path.startsWith('src/') && path.endsWith('.ts')
const isTest = ({ path }: File): boolean => path.startsWith('test/') && path.endsWith('.ts')
// A registry's host, this text's own two words, and a silenced test would be found in this very file if they stood here whole.
const registryHost = ['registry', 'npmjs', 'org'].join('.')
const unkeptPromise = ['exactly', 'once'].join(' ')

const rules: readonly Rule[] = [
  {
    sentence: 'A room imports only from the rooms below it.',
    faults: files =>
      importsOf(files).flatMap(({ file, line, target }) => {
        const [from, to] = [roomOf(file.path), roomOf(target)]
        if (!(from in below)) return [`${file.path}:${line} is in no known room`]
        return from === to || below[from]?.includes(to) ? [] : [`${file.path}:${line} imports ${target}`]
      }),
    broken: [
      [source('src/base/clock.ts', `import { parse } from '../when/parse.ts'`)],
      [source('src/server/api.ts', `import type { Page } from '../dashboard/page.ts'`)],
      [source('src/dashboard/page.ts', `export { api } from '../server/api.ts'`)],
      [source('src/server/api.ts', `const { simulate } = await import('../testing/simulate.ts')`)],
      [source('src/testing/simulate.ts', `import { table } from '../cli/table.ts'`)],
      [source('src/engine/attempt.ts', `export type Whole = import('../app.ts').App`)],
      [source('src/store/store.ts', `import { stub } from '../../test/stub.ts'`)],
      [source('src/elsewhere/thing.ts', `import { instant } from '../base/instant.ts'`)],
    ],
  },
  {
    sentence: 'No file imports itself, however long the way round.',
    faults: files => cyclesOf(files),
    broken: [
      [
        source('src/when/a.ts', `import { b } from './b.ts'`),
        source('src/when/b.ts', `import type { C } from './c.ts'`),
        source('src/when/c.ts', `export { a } from './a.ts'`),
      ],
    ],
  },
  {
    sentence: 'Loading the core loads no package: what needs one is imported when it is needed.',
    faults: files => {
      const byPath = new Map(files.map(file => [file.path, file]))
      return [...loadedBy('src/index.ts', byPath)].flatMap(path => {
        const file = byPath.get(path)
        if (file === undefined) return [`${path} is imported and not there`]
        return importsIn(file)
          .filter(({ kind, specifier }) => kind === 'static' && !/^(\.|node:)/.test(specifier))
          .map(({ line, specifier }) => `${path}:${line} loads ${specifier}`)
      })
    },
    broken: [
      [
        source('src/index.ts', `export { rota } from './rota.ts'`),
        source('src/rota.ts', `import { open } from './store/open.ts'`),
        source('src/store/open.ts', `import pg from 'pg'`),
      ],
      [source('src/index.ts', `import 'undici'`)],
      [source('src/index.ts', `export { gone } from './gone.ts'`)],
    ],
  },
  {
    sentence:
      'Loading the core loads only light modules of Node: http, crypto, util and child processes take megabytes each.',
    faults: files => {
      const byPath = new Map(files.map(file => [file.path, file]))
      return [...loadedBy('src/index.ts', byPath)].flatMap(path =>
        importsIn(byPath.get(path) ?? source(path, ''))
          .filter(
            ({ kind, specifier }) => kind === 'static' && specifier.startsWith('node:') && !light.includes(specifier),
          )
          .map(({ line, specifier }) => `${path}:${line} loads ${specifier}`),
      )
    },
    broken: [
      [
        source('src/index.ts', `export { rota } from './rota.ts'`),
        source('src/rota.ts', `import { hash } from 'node:crypto'`),
      ],
    ],
  },
  {
    sentence: 'The dependencies asked for are those that src imports.',
    faults: files => {
      const manifest = files.find(({ path }) => path === 'package.json')
      // A peer is the user's choice: it is imported when it is needed, and said to be missing.
      const { dependencies, peerDependencies } = JSON.parse(manifest?.text ?? '{}') as Readonly<Record<string, object>>
      const asked = Object.keys({ ...dependencies, ...peerDependencies })
      const imported = files.filter(isSource).flatMap(file =>
        importsIn(file).flatMap(({ specifier, line }) => {
          const name = /^(@[^/]+\/)?[^./@][^/:]*(?=\/|$)/.exec(specifier)?.[0]
          return name === undefined ? [] : [{ name, at: `${file.path}:${line}` }]
        }),
      )
      return [
        ...imported.filter(({ name }) => !asked.includes(name)).map(({ name, at }) => `${at} imports ${name}`),
        ...asked
          .filter(name => !imported.some(each => each.name === name) && !(name in neededByOthers))
          .map(name => `package.json asks for ${name}, which nothing imports`),
      ]
    },
    broken: [
      [
        source('package.json', '{"dependencies": {"hono": "1.0.0"}}'),
        source('src/a.ts', `import 'hono/html'\nimport '@a/b/c'`),
      ],
      [source('package.json', '{"dependencies": {"hono": "1.0.0"}}')],
      [source('package.json', '{"peerDependencies": {"nodemailer": "1.0.0"}}')],
    ],
  },
  {
    sentence: 'What others share is imported from its file; an index.ts is a door for those outside.',
    faults: files =>
      importsOf(files)
        .filter(({ file, target }) => posix.basename(target) === 'index.ts' && posix.basename(file.path) !== 'index.ts')
        .map(({ file, line, target }) => `${file.path}:${line} imports ${target}`),
    broken: [[source('src/cli/next.ts', `import { parse } from '../when/index.ts'`)]],
  },
  {
    sentence: "Only src/base/clock.ts reads the machine's time or sets its timers.",
    faults: files =>
      files
        .filter(
          file => isSource(file) && file.path !== 'src/base/clock.ts' && !file.path.startsWith('src/dashboard/assets/'),
        )
        .flatMap(file => found(file, timeRead)),
    broken: [
      'const at = Date.now()',
      'const at = new Date()',
      'const text = Date()',
      'const from = performance.now()',
      'const from = process.hrtime.bigint()',
      'setTimeout(() => {}, 10)',
      'globalThis.setInterval(() => {}, 10)',
      'setImmediate(() => {})',
      'const signal = AbortSignal.timeout(1_000)',
      `import { setTimeout as sleep } from 'node:timers/promises'`,
      `import { performance } from 'node:perf_hooks'`,
    ].map(text => [source('src/engine/attempt.ts', text)]),
  },
  {
    sentence: 'Everything in src is exported by its name.',
    faults: files =>
      files
        .filter(isSource)
        .flatMap(file =>
          found(file, node =>
            ts.isExportAssignment(node) ||
            (ts.canHaveModifiers(node) &&
              ts.getModifiers(node)?.some(each => each.kind === ts.SyntaxKind.DefaultKeyword)) ||
            (ts.isExportSpecifier(node) && node.name.text === 'default')
              ? 'exports a default'
              : undefined,
          ),
        ),
    broken: ['export default 1', 'export default function f() {}', 'const a = 1; export { a as default }'].map(text => [
      source('src/base/log.ts', text),
    ]),
  },
  {
    sentence: 'All TypeScript can be erased: no enum, no namespace.',
    faults: files =>
      files
        .filter(file => file.path.endsWith('.ts'))
        .flatMap(file =>
          found(file, node =>
            ts.isEnumDeclaration(node) ? 'has an enum' : ts.isModuleDeclaration(node) ? 'has a namespace' : undefined,
          ),
        ),
    broken: ['enum State { open }', 'namespace Runs { export const a = 1 }'].map(text => [
      source('src/domain/run.ts', text),
    ]),
  },
  {
    sentence: 'A file is named after what is in it, not after what it is made of.',
    faults: files =>
      files
        .filter(({ path }) =>
          /(^|[/.-])(types?|utils?|helpers?|libs?|common|misc|interfaces?)\.(ts|mjs|js)$/.test(path),
        )
        .map(({ path }) => `${path} has a name that says nothing`),
    broken: ['src/base/utils.ts', 'src/when/types.ts', 'test/helpers.ts', 'src/lib.ts'].map(path => [source(path, '')]),
  },
  {
    sentence: 'No test is silenced: none is skipped without a reason, none runs alone, none waits to be written.',
    faults: files => files.filter(isTest).flatMap(file => found(file, silenced)),
    broken: [
      ...['skip', 'only', 'todo'].map(word => `test.${word}('later', () => {})`),
      ...['skip', 'only', 'todo'].map(word => `describe('a suite', { ${word}: true }, () => {})`),
      `it('does', t => { ${['t', 'skip'].join('.')}() })`,
    ].map(text => [source('test/a.test.ts', text)]),
  },
  {
    sentence: "Nothing names a package registry's host.",
    faults: files =>
      files.flatMap(file => lines(file, new RegExp(registryHosts().map(escaped).join('|'), 'i'), 'names a registry')),
    broken: [[source('README.md', `see https://${registryHost}/rota`)]],
  },
  {
    sentence: 'Nothing names a path of the machine it was written on.',
    faults: files =>
      files.flatMap(file => lines(file, /(^|[^\w.])\/(work|farm|home|Users|root)\/[\w.]/, 'names a path of a machine')),
    broken: [
      [source('docs/start.md', `cd ${['', 'work', 'main'].join('/')}`)],
      [source('src/a.ts', `'${['', 'home', 'me', 'rota'].join('/')}'`)],
    ],
  },
  {
    sentence: 'Nothing promises what no scheduler can keep.',
    faults: files =>
      files
        .filter(({ text }) => new RegExp(unkeptPromise.replace(' ', String.raw`[\s*/-]+`), 'i').test(text))
        .map(({ path }) => `${path} says it`),
    broken: [
      [source('README.md', `Each job runs ${unkeptPromise}.`)],
      [source('src/a.ts', `// each job runs ${unkeptPromise.replace(' ', '\n// ')}`)],
    ],
  },
]

const root = resolve(import.meta.dirname, '..')
const tracked = trackedFiles()

test('there are files to judge', () => {
  assert.ok(tracked.filter(isSource).length > 10 && tracked.filter(isTest).length > 1)
})

for (const { sentence, faults, broken } of rules) {
  test(sentence, () => assert.deepEqual(faults(tracked), []))

  for (const [index, files] of broken.entries()) {
    test(`${sentence} A breach is seen: ${index + 1}.`, () => assert.notDeepEqual(faults(files), [], files[0]?.text))
  }
}

/** What git knows, and what is new and not ignored; without git, what lies there. Pictures and the like are left out. */
function trackedFiles(): readonly File[] {
  const paths = pathsOfGit() ?? globSync('{*.*,{src,test,bench,examples,scripts,docs,.ci}/**/*}', { cwd: root })
  return paths
    .filter(path => !/\.(png|jpg|ico|woff2?|gz|db|zip)$/.test(path))
    .flatMap(path => {
      try {
        return [source(path, readFileSync(join(root, path), 'utf8'))]
      } catch {
        // A folder, or deleted and not committed yet.
        return []
      }
    })
}

function pathsOfGit(): readonly string[] | undefined {
  try {
    const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    return listed.split('\0').filter(path => path !== '')
  } catch {
    return undefined
  }
}

function roomOf(path: string): string {
  const [top, room, ...rest] = path.split('/')
  if (top !== 'src') return `outside src (${path})`
  return rest.length === 0 ? 'rota' : (room ?? '')
}

interface Import {
  readonly specifier: string
  /** `type`: erased. `static`: loaded with the file. `dynamic`: loaded when it is asked for. */
  readonly kind: 'type' | 'static' | 'dynamic'
  readonly line: number
}

/** Every import between files of src, with its target from the root. */
function importsOf(
  files: readonly File[],
): readonly { readonly file: File; readonly line: number; readonly target: string; readonly kind: Import['kind'] }[] {
  return files.filter(isSource).flatMap(file =>
    importsIn(file)
      .filter(({ specifier }) => specifier.startsWith('.'))
      .map(({ specifier, line, kind }) => ({
        file,
        line,
        kind,
        target: posix.join(posix.dirname(file.path), specifier),
      })),
  )
}

const readAlready = new WeakMap<File, readonly Import[]>()

function importsIn(file: File): readonly Import[] {
  const known = readAlready.get(file)
  if (known !== undefined) return known
  const imports: Import[] = []
  visit(file, (node, line) => {
    const add = (specifier: ts.Node | undefined, kind: Import['kind']): void => {
      if (specifier !== undefined && ts.isStringLiteralLike(specifier))
        imports.push({ specifier: specifier.text, kind, line })
    }
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, isErased(node.importClause) ? 'type' : 'static')
    if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly ? 'type' : 'static')
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
      add(node.arguments[0], 'dynamic')
    if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node.argument.literal, 'type')
  })
  readAlready.set(file, imports)
  return imports
}

function isErased(clause: ts.ImportClause | undefined): boolean {
  return clause?.phaseModifier === ts.SyntaxKind.TypeKeyword
}

/** What is loaded with a file: itself and everything it imports for its values, however far away. */
function loadedBy(entry: string, byPath: ReadonlyMap<string, File>): ReadonlySet<string> {
  const loaded = new Set<string>([entry])
  for (const path of loaded) {
    const file = byPath.get(path)
    if (file === undefined) continue
    for (const { target, kind } of importsOf([file])) if (kind === 'static') loaded.add(target)
  }
  return loaded
}

function cyclesOf(files: readonly File[]): readonly string[] {
  const edges = Map.groupBy(importsOf(files), ({ file }) => file.path)
  const done = new Set<string>()
  const cycles: string[] = []
  const walk = (path: string, way: readonly string[]): void => {
    if (way.includes(path)) {
      cycles.push([...way.slice(way.indexOf(path)), path].join(' → '))
      return
    }
    if (done.has(path)) return
    for (const { target } of edges.get(path) ?? []) walk(target, [...way, path])
    done.add(path)
  }
  for (const path of edges.keys()) walk(path, [])
  return cycles
}

function timeRead(node: ts.Node): string | undefined {
  if (ts.isNewExpression(node) && isNamed(node.expression, 'Date') && (node.arguments?.length ?? 0) === 0)
    return 'makes a Date of now'
  if (ts.isCallExpression(node) && isNamed(node.expression, 'Date')) return 'calls Date()'
  if (ts.isStringLiteral(node) && /^(node:)?(timers(\/promises)?|perf_hooks)$/.test(node.text))
    return `names ${node.text}`
  if (ts.isPropertyAccessExpression(node)) {
    const text = node.getText().replace(/^globalThis\./, '')
    if (
      /^(Date\.now|performance\.(now|timeOrigin)|process\.(hrtime|uptime)|AbortSignal\.timeout|Temporal\.Now)$/.test(
        text,
      )
    )
      return `uses ${text}`
  }
  if (ts.isIdentifier(node) && /^set(Timeout|Interval|Immediate)$/.test(node.text)) return `uses ${node.text}`
  return undefined
}

function isNamed(node: ts.Node, name: string): boolean {
  return ts.isIdentifier(node) && node.text === name
}

function silenced(node: ts.Node): string | undefined {
  const words = new Set(['skip', 'only', 'todo'])
  if (ts.isPropertyAccessExpression(node) && words.has(node.name.text) && isTester(node.expression)) {
    const reason = ts.isCallExpression(node.parent) ? node.parent.arguments[0] : undefined
    // Inside a test, `t` may give a reason found out on the way.
    return isNamed(node.expression, 't') && reason !== undefined ? undefined : `uses .${node.name.text}`
  }
  if (
    ts.isPropertyAssignment(node) &&
    ts.isIdentifier(node.name) &&
    words.has(node.name.text) &&
    node.initializer.kind === ts.SyntaxKind.TrueKeyword
  ) {
    return `has ${node.getText()}`
  }
  return undefined
}

function isTester(node: ts.Node): boolean {
  return ts.isIdentifier(node) && ['test', 'it', 'describe', 'suite', 't'].includes(node.text)
}

/** Of every node that the judge finds something to say about: where, and what. */
function found(file: File, judge: (node: ts.Node) => string | undefined): readonly string[] {
  const faults: string[] = []
  visit(file, (node, line) => {
    const fault = judge(node)
    if (fault !== undefined) faults.push(`${file.path}:${line} ${fault}`)
  })
  return faults
}

function visit(file: File, each: (node: ts.Node, line: number) => void): void {
  const tree = ts.createSourceFile(file.path, file.text, ts.ScriptTarget.Latest, true)
  const walk = (node: ts.Node): void => {
    each(node, tree.getLineAndCharacterOfPosition(node.getStart(tree)).line + 1)
    ts.forEachChild(node, walk)
  }
  walk(tree)
}

function lines(file: File, pattern: RegExp, fault: string): readonly string[] {
  return file.text
    .split('\n')
    .flatMap((line, index) => (pattern.test(line) ? [`${file.path}:${index + 1} ${fault}`] : []))
}

/** The well-known one, and the one that this machine is set up for. */
function registryHosts(): readonly string[] {
  const configured = process.env['npm_config_registry']
  return [registryHost, ...(configured !== undefined && URL.canParse(configured) ? [new URL(configured).hostname] : [])]
}

function escaped(text: string): string {
  return text.replaceAll('.', String.raw`\.`)
}
