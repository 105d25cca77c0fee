/** One address of the API, written once: what is asked, what is answered, and how it reads in the OpenAPI description. */

import { OpenAPIHono, z } from '@hono/zod-openapi'
import type { RouteConfig } from '@hono/zod-openapi'
import type { Context, Env } from 'hono'
import type { HttpBindings } from '@hono/node-server'
import { RotaError } from '../base/errors.ts'
import type { ErrorCode } from '../base/errors.ts'
import { readBody } from './body.ts'
import { readFields, readQuery } from './fields.ts'
import type { Fields, Read } from './fields.ts'
import { problemResponse, problemType } from './problem.ts'

export interface ApiEnv extends Env {
  Bindings: Partial<HttpBindings>
}

export interface Asked<Q extends Fields, B extends Fields> {
  /** A part of the path, decoded. */
  readonly part: (name: string) => string
  readonly query: Read<Q>
  readonly body: Read<B>
  /** Who asks, as far as it can be known. */
  readonly by: string
}

export interface Definition<Q extends Fields, B extends Fields, A extends z.ZodType> {
  readonly method: 'get' | 'post' | 'delete'
  /** With its parts in braces: `/api/v1/runs/{id}`. */
  readonly path: string
  readonly summary: string
  readonly query?: Q
  readonly body?: B
  readonly answer: A
  /** Default 200. */
  readonly status?: 200 | 201 | 202
  /** Of what was made. */
  readonly location?: (answer: z.input<A>) => string
  /** Errors that belong to this address, besides those that any has. */
  readonly refuses?: readonly ErrorCode[]
  handle(asked: Asked<Q, B>): Promise<z.input<A>> | z.input<A>
}

export interface Route {
  readonly method: 'get' | 'post' | 'delete'
  readonly path: string
  readonly description: RouteConfig
  answer(context: Context<ApiEnv>): Promise<Response>
}

/** An address that answers JSON. */
export const route = <Q extends Fields, B extends Fields, A extends z.ZodType>(
  definition: Definition<Q, B, A>,
): Route => ({
  method: definition.method,
  path: definition.path,
  description: described(definition),
  answer: async context => {
    const query = readQuery(definition.query ?? ({} as Q), new URL(context.req.url).searchParams)
    const body = definition.method === 'post' ? await readBody(context.req.raw) : undefined
    const answer = await definition.handle({
      part: name => context.req.param(name) ?? '',
      query,
      body: readFields('field', definition.body ?? ({} as B), body === undefined ? {} : body),
      by: whoAsks(context.req.raw),
    })
    return Response.json(answer, {
      status: definition.status ?? 200,
      headers: {
        'Cache-Control': 'no-store',
        ...(definition.location ? { Location: definition.location(answer) } : {}),
      },
    })
  },
})

// Browsers set this header by themselves, and only on what our own pages ask does it say so.
const whoAsks = (request: Request): string =>
  request.headers.get('sec-fetch-site') === 'same-origin' ? 'dashboard' : 'api'

const described = <Q extends Fields, B extends Fields, A extends z.ZodType>(
  definition: Definition<Q, B, A>,
): RouteConfig => ({
  method: definition.method,
  path: definition.path,
  summary: definition.summary,
  request: {
    params: z.object(Object.fromEntries(partsOf(definition.path).map(name => [name, z.string()]))),
    ...(definition.query ? { query: z.object(definition.query) } : {}),
    ...(definition.body
      ? {
          body: {
            required: !isOptional(definition.body),
            content: { 'application/json': { schema: z.strictObject(definition.body) } },
          },
        }
      : {}),
  },
  responses: {
    [definition.status ?? 200]: {
      description: 'As asked.',
      content: { 'application/json': { schema: definition.answer } },
    },
    ...problems(definition.refuses ?? []),
  },
})

const isOptional = (body: Fields): boolean => Object.values(body).every(field => field.safeParse(undefined).success)

const partsOf = (path: string): readonly string[] => [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '')

const problemShape = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string(),
    details: z.record(z.string(), z.unknown()).optional(),
  })
  .openapi('Problem')

const problems = (codes: readonly ErrorCode[]): RouteConfig['responses'] => {
  const content = { [problemType]: { schema: problemShape } }
  const byStatus = Map.groupBy(codes, code => new RotaError(code).status)
  const own = [...byStatus].map(([status, codes]) => [String(status), { description: codes.join(', '), content }])
  return { ...Object.fromEntries(own), default: { description: 'Any other problem.', content } }
}

/** Routes put together, with an answer for every other address and method. */
export const serve = (routes: readonly Route[], onSurprise: (error: unknown) => void): OpenAPIHono<ApiEnv> => {
  const hono = new OpenAPIHono<ApiEnv>()
  for (const route of routes) {
    hono.openAPIRegistry.registerPath(route.description)
    hono.on(route.method.toUpperCase(), honoPath(route.path), context => route.answer(context))
  }
  for (const [path, here] of Map.groupBy(routes, route => honoPath(route.path)))
    hono.all(path, () => refuseMethod(here))
  hono.notFound(() =>
    problemResponse(
      new RotaError('ROUTE_UNKNOWN', 'There is nothing at this address; /api/v1/openapi.json lists what there is.'),
    ),
  )
  hono.onError(error => {
    if (!(error instanceof RotaError) || error.status >= 500) onSurprise(error)
    return problemResponse(error)
  })
  return hono
}

const honoPath = (path: string): string => path.replaceAll(/\{(\w+)\}/g, ':$1')

const refuseMethod = (here: readonly Route[]): Response => {
  const allowed = here.flatMap(route => (route.method === 'get' ? ['GET', 'HEAD'] : [route.method.toUpperCase()]))
  const error = new RotaError('METHOD_REFUSED', `This address takes ${allowed.join(', ')}.`, { details: { allowed } })
  return problemResponse(error, { Allow: allowed.join(', ') })
}
