/** A store whose calls pass through somebody else's hands. */

import type { Store } from '../store/store.ts'

export type StoreCall = (...args: readonly unknown[]) => unknown

/** The store, with each of its calls as `change` makes it: asked once for each, when it is first called. */
export const withCalls = (store: Store, change: (name: keyof Store, call: StoreCall) => StoreCall): Store => {
  const changed = new Map<keyof Store, StoreCall>()
  return new Proxy(store, {
    get: (target, name: keyof Store) => {
      let call = changed.get(name)
      if (call === undefined) {
        call = change(name, target[name].bind(target) as StoreCall)
        changed.set(name, call)
      }
      return call
    },
  })
}
