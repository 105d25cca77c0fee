/** What a command writes: whole lines for the log, bounded in length and number. */

import { StringDecoder } from 'node:string_decoder'

const LONGEST_LINE = 4_000
const LINES_SHOWN = 5_000
const LAST_SHOWN = 100

/** Cuts a stream into lines. */
export class Lines {
  readonly #decoder = new StringDecoder('utf8')
  readonly #each: (line: string) => void
  #begun = ''

  constructor(each: (line: string) => void) {
    this.#each = each
  }

  add(chunk: Buffer): void {
    const [first = '', ...others] = this.#decoder.write(chunk).split('\n')
    this.#grow(first)
    for (const next of others) {
      this.#each(withoutReturn(this.#begun))
      this.#begun = ''
      this.#grow(next)
    }
  }

  end(): void {
    this.#grow(this.#decoder.end())
    if (this.#begun !== '') this.#each(withoutReturn(this.#begun))
    this.#begun = ''
  }

  // Of a line without end no more is kept than is shown.
  #grow(text: string): void {
    this.#begun += text.slice(0, LONGEST_LINE - this.#begun.length)
  }
}

const withoutReturn = (line: string): string => (line.endsWith('\r') ? line.slice(0, -1) : line)

/** Of many lines the first and the last ones: a flood of them must not fill the store. */
export class Flood<Line> {
  readonly #show: (line: Line) => void
  readonly #last: Line[] = []
  #count = 0

  constructor(show: (line: Line) => void) {
    this.#show = show
  }

  add(line: Line): void {
    this.#count++
    if (this.#count <= LINES_SHOWN) return this.#show(line)
    this.#last.push(line)
    if (this.#last.length > LAST_SHOWN) this.#last.shift()
  }

  /** Shows the last ones. How many in between were left out. */
  end(): { readonly leftOut: number; readonly last: readonly Line[] } {
    return { leftOut: Math.max(0, this.#count - LINES_SHOWN - this.#last.length), last: this.#last }
  }
}

/** Text up to a length; more is counted and not kept. */
export class Text {
  readonly #decoder = new StringDecoder('utf8')
  readonly #longest: number
  #text = ''
  #isTooLong = false

  constructor(longest: number) {
    this.#longest = longest
  }

  get isTooLong(): boolean {
    return this.#isTooLong
  }

  add(chunk: Buffer): void {
    if (this.#isTooLong) return
    this.#text += this.#decoder.write(chunk)
    if (this.#text.length > this.#longest) this.#isTooLong = true
  }

  end(): string {
    return this.#text + this.#decoder.end()
  }
}
