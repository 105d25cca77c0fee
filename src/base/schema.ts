/** Standard Schema (standardschema.dev, version 1), as far as Rota calls it: any validator that speaks it describes an input. */

import { RotaError } from './errors.ts'

export interface Schema<Input = unknown, Output = Input> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>
    readonly types?: { readonly input: Input; readonly output: Output } | undefined
  }
}

export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] }

export interface SchemaIssue {
  readonly message: string
  readonly path?: ReadonlyArray<PropertyKey | { readonly key: PropertyKey }> | undefined
}

/**
 * The value as the schema gives it back.
 *
 * @throws RotaError INPUT_INVALID with each issue and its path
 */
export const validate = async <Output>(schema: Schema<unknown, Output>, value: unknown): Promise<Output> => {
  const result = await schema['~standard'].validate(value)
  if (result.issues === undefined) return result.value
  const issues = result.issues.slice(0, 20).map(written)
  throw new RotaError('INPUT_INVALID', `The input does not fit: ${issues.join('; ')}`, { details: { issues } })
}

const written = (issue: SchemaIssue): string => {
  const path = (issue.path ?? []).map(part => String(typeof part === 'object' ? part.key : part)).join('.')
  return path === '' ? issue.message : `${path}: ${issue.message}`
}
