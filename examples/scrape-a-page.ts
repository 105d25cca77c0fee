/** Scraping: a page with a list, read by CSS selectors. The second time only what is new is new. */

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { rota } from '../src/index.ts' // in a program of your own: from 'rota'
import { html, source } from '../src/scrape/index.ts' // and from 'rota/scrape'

// A little shop, so that the example needs no network.
const shelf = [
  ['tea', '4.20'],
  ['coffee', '7.90'],
]
const shop = createServer((_, response) => {
  const rows = shelf.map(([name, price]) => `<li class="ware"><b>${name}</b> <span>${price}</span></li>`)
  response.setHeader('content-type', 'text/html; charset=utf-8').end(`<ul>${rows.join('')}</ul>`)
})
await new Promise<void>(resolve => shop.listen(0, '127.0.0.1', resolve))
const { port } = shop.address() as AddressInfo

await using app = rota({ store: ':memory:' })

const wares = app.add(
  source({
    name: 'wares',
    ask: () => `http://127.0.0.1:${port}/`,
    read: html({ items: '.ware', fields: { name: 'b', price: 'span' } }),
    key: 'name',
    required: ['name', 'price'],
    allowPrivate: true, // this machine is not asked unless a source says so
  }),
)

await app.start()
await scrape()
shelf[0] = ['tea', '3.80']
shelf.push(['cocoa', '5.10'])
await scrape()

for (const item of await app.sources.items('wares', { limit: 10 })) {
  console.log(`${JSON.stringify(item.data)}, version ${item.version}`)
}
shop.close()

async function scrape(): Promise<void> {
  const run = await app.runs.finished((await app.run(wares)).id)
  const { units } = await app.runs.get(run.id)
  for (const { items } of units)
    console.log(`${run.state}: ${items.new} new, ${items.changed} changed, ${items.unchanged} unchanged`)
}
