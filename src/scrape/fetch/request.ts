/** A request as a source asks it, and the same checked, with its credentials known as such. */

import type { Json } from '../../base/json.ts'

/** What a source wants asked; a bare address is a GET. */
export interface Request {
  /** http or https. `user:password@` becomes basic authorization. */
  readonly url: string | URL
  /** Default GET, with a body POST. Sources read: any request may be tried again. */
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Text as it is; anything else as JSON. */
  readonly body?: string | Exclude<Json, string | null>
}
