/** The dashboard over an app: its addresses, and a page for each thing that can go wrong on the way to one. It only reads. */

import { Hono } from 'hono'
import type { Context } from 'hono'
import { isRotaError, RotaError } from '../base/errors.ts'
import { instant } from '../base/instant.ts'
import type { Instant } from '../base/instant.ts'
import { silentLog } from '../base/log.ts'
import type { Log } from '../base/log.ts'
import type { RunId } from '../base/name.ts'
import type { App } from '../app.ts'
import { serveAssets } from './assets.ts'
import { html } from './html.ts'
import type { Html } from './html.ts'
import { overview } from './overview.ts'
import { page } from './page.ts'
import { runPage } from './run.ts'
import { filterNames, runsPage } from './runs.ts'
import { schedulePage } from './schedule.ts'
import { sourcePage } from './source.ts'

export interface PagesOptions {
  /** Hears of what went wrong inside. Default: silent. */
  readonly log?: Log
}

/**
 * The pages as an app of their own, to be given to `listen`, which guards them.
 *
 * @example const server = await listen({ app, port: 4820, pages: pages(app) })
 */
export const pages = (app: App, { log = silentLog }: PagesOptions = {}): Hono => {
  const hono = new Hono()
  const asset = serveAssets()

  hono.get('/', async context => send(context, await overview(app, context.req.query('after'))))
  hono.get('/runs', async context => {
    const filter = Object.fromEntries(filterNames.map(name => [name, context.req.query(name) || undefined]))
    return send(context, await runsPage(app, filter))
  })
  hono.get('/runs/:id', async context =>
    send(context, await runPage(app, readRunId(context.req.param('id')), context.req.query('lines') === 'all')),
  )
  hono.get('/schedules/:name', async context =>
    send(context, await schedulePage(app, context.req.param('name'), context.req.query('at') || undefined)),
  )
  hono.get('/sources/:name', async context => send(context, await sourcePage(app, context.req.param('name'))))
  hono.get(
    '/assets/:name',
    context => asset(context.req.param('name'), context.req.header('if-none-match')) ?? context.notFound(),
  )

  hono.notFound(async context => {
    const known = context.req.method === 'GET' || context.req.method === 'HEAD'
    if (known)
      return send(
        context,
        failed(await nowOf(app), 'There is no such page', 'Perhaps it moved, or the address has a slip.'),
        404,
      )
    return context.text('Pages are only read here; /api/v1 takes requests that change something.\n', 405, {
      Allow: 'GET, HEAD',
    })
  })
  hono.onError(async (error, context) => {
    if (!isRotaError(error)) log.error('a page could not be made', { error: error.stack ?? String(error) })
    return send(context, failed(await nowOf(app), ...wordsOf(error)), isRotaError(error) ? error.status : 500)
  })
  return hono
}

const send = (context: Context, body: Html, status = 200): Response => {
  context.header('Cache-Control', 'no-cache')
  return context.html(body.toString(), status as 200)
}

const readRunId = (text: string): RunId => {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text) as RunId
  throw new RotaError('RUN_UNKNOWN', `'${text.slice(0, 40)}' is not the number of a run.`)
}

const wordsOf = (error: unknown): [title: string, words: string] =>
  isRotaError(error)
    ? [error.title.replace(/\.$/, ''), error.message]
    : ['Something went wrong inside Rota', 'Its log says what. The page can be asked for again.']

const failed = (now: Instant, title: string, words: string): Html =>
  page({
    title: `Rota: ${title}`,
    now,
    body: html`<section class="lost">
      <h1>${title}</h1>
      <p>${words}</p>
      <p><a href="/">Overview</a> · <a href="/runs">Runs</a></p>
    </section>`,
  })

// A page about a failure must not fail for want of the time.
const nowOf = async (app: App): Promise<Instant> => {
  try {
    return (await app.status()).now
  } catch {
    return instant(0)
  }
}
