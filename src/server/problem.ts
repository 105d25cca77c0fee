/** A refusal or a surprise as problem+json (RFC 9457): what a program and a person need to know, never a stack. */

import { isRotaError, RotaError } from '../base/errors.ts'
import type { ErrorDetails } from '../base/errors.ts'

export interface Problem {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly code: string
  readonly details?: ErrorDetails
}

/** What may be told of anything that was thrown. */
export const problemOf = (thrown: unknown): Problem => {
  const error = isRotaError(thrown)
    ? thrown
    : new RotaError('INTERNAL', 'Something went wrong inside Rota. Its log says what.')
  return {
    type: `urn:rota:error:${error.code}`,
    title: error.title,
    status: error.status,
    detail: error.message,
    code: error.code,
    ...(Object.keys(error.details).length === 0 ? {} : { details: error.details }),
  }
}

export const problemType = 'application/problem+json'

/** The answer that repeats an error over HTTP. */
export const problemResponse = (thrown: unknown, headers: Readonly<Record<string, string>> = {}): Response => {
  const problem = problemOf(thrown)
  return new Response(JSON.stringify(problem), {
    status: problem.status,
    headers: { 'Content-Type': problemType, 'Cache-Control': 'no-store', ...headers },
  })
}
