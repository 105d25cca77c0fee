/**
 * Keeps a page fresh: hears of events, asks for the page again, and replaces the regions that differ. At most one question a
 * second, none while the page is hidden; focus, scrolling, open details and a text selection stay as they are.
 */

import { setNow } from './show-times.js'

const AT_MOST_EVERY_MS = 1_000
// Some things happen by nothing happening: a schedule that is late tells nobody.
const ANYWAY_EVERY_MS = 20_000

/** Begins, when the page asks for events. Gives a function that looks again now. `onReplaced` is called with each new region. */
export const keepFresh = onReplaced => {
  const { events } = document.body.dataset
  let stream
  let timer
  let lastAsked = 0
  let asking = false
  let wanted = false

  const look = async () => {
    clearTimeout(timer)
    timer = undefined
    if (asking) {
      wanted = true
      return
    }
    asking = true
    wanted = false
    lastAsked = Date.now()
    try {
      const response = await fetch(location.href, { headers: { accept: 'text/html' } })
      if (response.ok) replaceRegions(await response.text(), onReplaced)
      say(response.ok ? 'live' : 'stale')
    } catch {
      say('lost')
    }
    asking = false
    if (wanted) soon()
  }

  const soon = () => {
    if (timer !== undefined || document.hidden) return
    timer = setTimeout(look, Math.max(0, lastAsked + AT_MOST_EVERY_MS - Date.now()))
  }

  if (events === undefined) return look

  // A browser opens few connections to one server: a hidden page gives its own back.
  const listen = () => {
    if (stream !== undefined || document.hidden) return
    stream = new EventSource(`/api/v1/events?${events}`)
    for (const kind of ['run', 'schedule', 'health', 'log', 'progress', 'trouble', 'reset'])
      stream.addEventListener(kind, soon)
    stream.addEventListener('open', () => {
      say('live')
      // What happened between the making of the page and now was told to nobody here.
      soon()
    })
    stream.addEventListener('error', () => {
      say('lost')
      if (stream?.readyState === EventSource.CLOSED) {
        stream = undefined
        setTimeout(listen, 3_000)
      }
    })
  }

  document.addEventListener('visibilitychange', () => {
    if (document.hidden) {
      stream?.close()
      stream = undefined
    } else {
      listen()
      soon()
    }
  })
  setInterval(soon, ANYWAY_EVERY_MS)
  listen()
  return look
}

const words = { live: 'live', stale: 'not fresh', lost: 'connecting …' }

const say = state => {
  const sign = document.getElementById('live')
  if (!sign) return
  sign.hidden = false
  sign.dataset.state = state
  sign.querySelector('.words').textContent = words[state]
}

// As the server sent it: what is on the page has its times rewritten.
const sent = new WeakMap()
const withoutTimes = html => html.replaceAll(/(<time [^>]*>)[^<]*/g, '$1')

const replaceRegions = (text, onReplaced) => {
  const fresh = new DOMParser().parseFromString(text, 'text/html')
  setNow(fresh.body.dataset.now)
  document.title = fresh.title
  for (const region of document.querySelectorAll('[data-region]')) {
    const next = fresh.querySelector(`[data-region="${CSS.escape(region.dataset.region)}"]`)
    if (next === null) continue
    const html = next.innerHTML
    if (sent.get(region) === withoutTimes(html) || isSelected(region)) continue
    sent.set(region, withoutTimes(html))
    const restore = remember(region)
    region.innerHTML = html
    onReplaced(region)
    restore()
  }
  // What was live may be over: then there is nothing more to hear.
  if (fresh.body.dataset.events === undefined) delete document.body.dataset.events
}

const isSelected = region => {
  const selection = getSelection()
  return selection !== null && !selection.isCollapsed && region.contains(selection.anchorNode)
}

/** What the reader did to a region, and how to do it to the one that takes its place. */
const remember = region => {
  const focused = region.contains(document.activeElement) ? keyOf(document.activeElement) : null
  const open = [...region.querySelectorAll('details[open][data-key]')].map(details => details.dataset.key)
  const scrolls = [...region.querySelectorAll('[data-key]')]
    .filter(element => element.scrollTop > 0 || 'stick' in element.dataset)
    .map(element => [
      element.dataset.key,
      element.scrollTop,
      element.scrollHeight - element.scrollTop - element.clientHeight < 40,
    ])
  return () => {
    for (const key of open) find(region, key)?.setAttribute('open', '')
    for (const [key, top, atEnd] of scrolls) {
      const element = find(region, key)
      if (element) element.scrollTop = atEnd && 'stick' in element.dataset ? element.scrollHeight : top
    }
    if (focused !== null) focus(region, focused)
  }
}

const find = (region, key) => region.querySelector(`[data-key="${CSS.escape(key)}"]`)

const keyOf = element => element.dataset.key ?? element.getAttribute('href')

const focus = (region, key) =>
  (find(region, key) ?? region.querySelector(`[href="${CSS.escape(key)}"]`))?.focus({ preventScroll: true })
