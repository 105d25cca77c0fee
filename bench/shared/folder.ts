/** A folder for the files of a measurement, which goes away with them. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export class Folder implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), 'rota-bench-'))
  #files = 0

  /** The path of a file that is not there yet. */
  newFile(): string {
    return join(this.path, `${this.#files++}.db`)
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true })
  }
}
