/**
 * Makes the published form in dist/ (or in the folder given): JavaScript and declarations, and the files that are read
 * as they are, such as the dashboard's style sheets. It is put in place whole: who reads dist/ meanwhile reads the old one.
 *
 * The modules are bundled, a file for each door and what they share: loaded one by one they take twice the time and memory.
 */

import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, globSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const target = resolve(process.argv[2] ?? join(root, 'dist'))
const fresh = `${target}.building-${process.pid}`
const modules = `${fresh}-modules`

// The doors of the package and its program.
// What threads and child processes execute lies beside them.
const programs = { remote: 'engine/remote' }
// A few lines that go round for long, whole in one file: what they share with the library would bring all of it along.
const small = { heart: 'store/sqlite/heart-thread', checkpoint: 'store/sqlite/checkpoint-thread' }
const entries = ['index', 'when/index', 'scrape/index', 'server/index', 'testing/index', 'cli/main']

try {
  if (compile()) {
    copyWhatIsNoTypeScript(modules)
    await bundle()
    copyDeclarations()
    copyWhatIsNoTypeScript(fresh)
    makeProgramsExecutable()
    rmSync(target, { recursive: true, force: true })
    renameSync(fresh, target)
  } else {
    console.error('Nothing was built: the lines above say why.')
    process.exitCode = 1
  }
} finally {
  rmSync(fresh, { recursive: true, force: true })
  rmSync(modules, { recursive: true, force: true })
}

function compile() {
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  const done = spawnSync(process.execPath, [tsc, '-p', join(root, 'tsconfig.build.json'), '--outDir', modules], {
    stdio: 'inherit',
  })
  return done.status === 0
}

async function bundle() {
  const core = await loadedWith('index')
  await rolled(
    { ...Object.fromEntries(entries.map(entry => [entry, join(modules, `${entry}.js`)])), ...filesOf(programs) },
    build =>
      build.write({
        dir: fresh,
        entryFileNames: '[name].js',
        chunkFileNames: placeOf,
        // What is loaded together lies together: looking for forty files takes more time and memory than reading two.
        codeSplitting: {
          groups: [
            { name: 'language', test: id => core.has(id) && /[\\/](base|when)[\\/]/.test(id) },
            { name: 'core', test: id => core.has(id) },
          ],
        },
      }),
  )
  await rolled(filesOf(small), build => build.write({ dir: fresh, entryFileNames: '[name].js' }))
}

function filesOf(named) {
  return Object.fromEntries(Object.entries(named).map(([name, module]) => [name, join(modules, `${module}.js`)]))
}

/** The modules that are loaded when this door is opened. */
function loadedWith(entry) {
  return rolled({ [entry]: join(modules, `${entry}.js`) }, async build => {
    const { output } = await build.generate()
    const chunks = new Map(output.filter(({ type }) => type === 'chunk').map(chunk => [chunk.fileName, chunk]))
    const found = new Set()
    const take = name => {
      const chunk = chunks.get(name)
      if (chunk === undefined || found.has(chunk)) return
      found.add(chunk)
      chunk.imports.forEach(take)
    }
    take(`${entry}.js`)
    return new Set([...found].flatMap(({ moduleIds }) => moduleIds))
  })
}

async function rolled(input, work) {
  const build = await rolldown({
    input,
    platform: 'node',
    // The compiler has made it what Node reads already.
    tsconfig: false,
    transform: { target: 'esnext' },
    // Packages stay packages; the bundler's own helpers go in.
    external: id => /^[@a-z]/.test(id) && !id.startsWith('@oxc-project/runtime'),
  })
  try {
    return await work(build)
  } finally {
    await build.close()
  }
}

// The dashboard finds its assets beside the module that reads them.
function placeOf({ moduleIds }) {
  const readsAssets = moduleIds.some(id => id.endsWith('/dashboard/assets.js'))
  return `${readsAssets ? 'dashboard' : 'shared'}/[name]-[hash].js`
}

function copyDeclarations() {
  for (const file of globSync('**/*.d.ts', { cwd: modules })) cpSync(join(modules, file), join(fresh, file))
}

function copyWhatIsNoTypeScript(to) {
  for (const file of globSync('**/*.*', { cwd: join(root, 'src') })) {
    if (!file.endsWith('.ts')) cpSync(join(root, 'src', file), join(to, file), { recursive: true })
  }
}

function makeProgramsExecutable() {
  const { bin } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  for (const path of Object.values(bin)) {
    const file = join(fresh, path.replace(/^\.\/dist\//, ''))
    if (!existsSync(file) || !readFileSync(file, 'utf8').startsWith('#!'))
      throw new Error(`${path} is no program: it has no first line with #!`)
    chmodSync(file, 0o755)
  }
}
