/** Errors on their way between processes: plain data there, an Error again here. */

import type { RunError } from '../../domain/run.ts'

/** The error as it was thrown elsewhere: name, message, code, stack and causes. */
export const errorFrom = (thrown: RunError): Error => dressed(new Error(thrown.message), thrown)

/** The error, with everything that is known of what was thrown. */
export const dressed = <E extends Error>(error: E, { name, message, code, stack, cause }: RunError): E => {
  const put = (key: string, value: unknown): void =>
    void Object.defineProperty(error, key, { value, enumerable: false, configurable: true, writable: true })
  put('name', name)
  put('message', message)
  put('stack', stack)
  if (code !== undefined) put('code', code)
  if (cause !== undefined) put('cause', errorFrom(cause))
  return error
}
