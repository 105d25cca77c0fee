/** What the tests of several processes and their program both know. */

/** A task with a schedule. */
export const TICK = 'tick'
export const PERIOD_MS = 200
/** A task whose first attempt goes on until it is aborted. */
export const LONG = 'long'
/** A task that blocks the loop of its process, for longer than the lease. */
export const BLOCKED = 'blocked'
export const BLOCKED_MS = 5_000
/** Short, but longer than a busy machine lets a thread wait. */
export const LEASE_MS = 3_000

/** What happened to a process. */
export type Said =
  | { readonly kind: 'started'; readonly worker: string }
  | { readonly kind: 'began'; readonly run: number; readonly attempt: number }
  /** Its handler returned. */
  | { readonly kind: 'ended'; readonly run: number; readonly attempt: number }
  | { readonly kind: 'aborted'; readonly run: number; readonly attempt: number; readonly why: string }
  /** It committed the end of a run. */
  | { readonly kind: 'over'; readonly run: number; readonly state: string }
  /** It took another one's runs over, which stands still. */
  | { readonly kind: 'lost'; readonly worker: string }
  /** It was taken for lost itself. */
  | { readonly kind: 'rejoined' }
  /** It cannot use the store. */
  | { readonly kind: 'trouble' }
