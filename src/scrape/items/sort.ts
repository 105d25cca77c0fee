/** What was read, sorted into what can be kept and what cannot, with the reason: checked, made plain, keyed, hashed. */

import type { Schema } from '../../base/schema.ts'
import { validate } from '../../base/schema.ts'
import type { NewItem } from '../../domain/unit.ts'
import { contentHash } from './hash.ts'
import { plainData } from './plain.ts'

/** What a source says of its items. */
export interface ItemRules {
  readonly key: (item: object) => unknown
  readonly required: readonly string[]
  readonly schema: Schema | null
}

export interface Sorted {
  readonly good: readonly NewItem[]
  readonly bad: readonly BadItem[]
}

export interface BadItem {
  /** Null where not even that could be told. */
  readonly key: string | null
  readonly reason: string
}

const LONGEST_KEY = 2_000

/** Sorts items. Nothing that an item is or does makes this fail. */
export const sortItems = async (items: readonly unknown[], rules: ItemRules): Promise<Sorted> => {
  const good: NewItem[] = []
  const bad: BadItem[] = []
  for (const item of items) {
    const sorted = await sortItem(item, rules)
    if ('reason' in sorted) bad.push(sorted)
    else good.push(sorted)
  }
  return { good, bad }
}

const sortItem = async (item: unknown, rules: ItemRules): Promise<NewItem | BadItem> => {
  if (typeof item !== 'object' || item === null) return { key: null, reason: `a ${typeof item} is no item` }
  const key = keyOf(item, rules)
  if (typeof key !== 'string') return key
  const missing = rules.required.filter(field => isMissing((item as Record<string, unknown>)[field]))
  if (missing.length > 0) return { key, reason: `without ${missing.join(', ')}` }
  const checked = await check(item, rules.schema)
  if ('reason' in checked) return { key, reason: checked.reason }
  const plain = plainData(checked.value)
  if ('problem' in plain) return { key, reason: plain.problem }
  return { key, hash: contentHash(plain.data), data: plain.data }
}

const keyOf = (item: object, rules: ItemRules): string | BadItem => {
  try {
    const key = rules.key(item)
    const text = typeof key === 'number' || typeof key === 'bigint' ? String(key) : key
    if (typeof text !== 'string' || text === '') return { key: null, reason: 'without a key' }
    return text.length > LONGEST_KEY ? { key: null, reason: `its key has more than ${LONGEST_KEY} characters` } : text
  } catch (error) {
    return { key: null, reason: `its key cannot be told: ${String(error)}` }
  }
}

const isMissing = (value: unknown): boolean => value === undefined || value === null || value === ''

const check = async (
  item: object,
  schema: Schema | null,
): Promise<{ readonly value: unknown } | { readonly reason: string }> => {
  if (schema === null) return { value: item }
  try {
    return { value: await validate(schema, item) }
  } catch (error) {
    return { reason: error instanceof Error ? error.message : String(error) }
  }
}
