/** The recorded data the stand-in serves: files of packages that somebody else published, found wherever npm put them. */

import { readFileSync, readdirSync } from 'node:fs'
import { findPackageJSON } from 'node:module'
import { dirname, join } from 'node:path'

/** The bytes of a file in an installed package, read anew each time: kept, they would be memory that scraping is blamed for. */
export const recording = (packageName: string, path: string): Buffer => readFileSync(join(folderOf(packageName), path))

/** The names of the files in a folder of an installed package, sorted. */
export const recordings = (packageName: string, path: string): readonly string[] =>
  readdirSync(join(folderOf(packageName), path)).toSorted()

const folderOf = (packageName: string): string => {
  const manifest = findPackageJSON(packageName, import.meta.url)
  if (manifest === undefined) throw new Error(`The package ${packageName} is not installed; run npm ci.`)
  return dirname(manifest)
}
