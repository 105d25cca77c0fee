/**
 * Loaded before a test file. node:test follows each promise, so that it can say which test an error belongs to that nobody
 * caught: code that awaits much is fifteen times slower by that. Here it follows everything but promises; such an error
 * then fails the file.
 */

import hooks from 'node:async_hooks'

const { createHook } = hooks
hooks.createHook = callbacks => createHook({ ...callbacks, trackPromises: false })
