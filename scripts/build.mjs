/**
 * Makes the published form in dist/ (or in the folder given): JavaScript and declarations, and the files that are read
 * as they are, such as the dashboard's style sheets. It is put in place whole: who reads dist/ meanwhile reads the old one.
 */

import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, globSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const target = resolve(process.argv[2] ?? join(root, 'dist'))
const fresh = `${target}.building-${process.pid}`

try {
  if (compile()) {
    copyWhatIsNoTypeScript()
    makeProgramsExecutable()
    rmSync(target, { recursive: true, force: true })
    renameSync(fresh, target)
  } else {
    console.error('Nothing was built: the lines above say why.')
    process.exitCode = 1
  }
} finally {
  rmSync(fresh, { recursive: true, force: true })
}

function compile() {
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  const done = spawnSync(process.execPath, [tsc, '-p', join(root, 'tsconfig.build.json'), '--outDir', fresh], {
    stdio: 'inherit',
  })
  return done.status === 0
}

function copyWhatIsNoTypeScript() {
  for (const file of globSync('**/*.*', { cwd: join(root, 'src') })) {
    if (!file.endsWith('.ts')) cpSync(join(root, 'src', file), join(fresh, file), { recursive: true })
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
