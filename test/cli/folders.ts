/** Folders of a test's own, with config files in them. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** What a config of a test begins with: the library of this checkout. */
export const IMPORT_ROTA = `import { chain, map, partial, rota } from ${JSON.stringify(new URL('../../src/index.ts', import.meta.url).href)}\n`

export interface Folder extends AsyncDisposable {
  readonly path: string
  write(file: string, text: string): Promise<string>
}

/** A new folder with these files, gone at the end of the test. */
export const folderWith = async (files: Readonly<Record<string, string>> = {}): Promise<Folder> => {
  const path = await mkdtemp(join(tmpdir(), 'rota-cli-'))
  const write = async (file: string, text: string): Promise<string> => {
    await writeFile(join(path, file), text)
    return join(path, file)
  }
  for (const [file, text] of Object.entries(files)) await write(file, text)
  return { path, write, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}

/** The address of a file, for an import in a config. */
export const addressOf = (path: string): string => pathToFileURL(path).href
