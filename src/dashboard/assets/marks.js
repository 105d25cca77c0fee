/** Strips of marks: one stop of the Tab key each, arrows within, and the words of a mark shown where it is. */

import { longTime } from './times.js'

/** Prepares the strips within an element. */
export const speakingMarks = root => {
  for (const strip of root.querySelectorAll('svg.strip')) {
    const marks = [...strip.querySelectorAll('a.mark')]
    const stop = marks.at(-1)
    for (const mark of marks) mark.setAttribute('tabindex', mark === stop ? '0' : '-1')
    strip.addEventListener('keydown', event => step(event, marks))
    strip.addEventListener('pointerover', event => show(event.target.closest('a.mark')))
    strip.addEventListener('pointerleave', hide)
    strip.addEventListener('focusin', event => show(event.target.closest('a.mark')))
    strip.addEventListener('focusout', hide)
  }
}

const moves = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity }

const step = (event, marks) => {
  const move = moves[event.key]
  if (move === undefined) return
  event.preventDefault()
  const from = marks.indexOf(document.activeElement)
  const to = marks[Math.min(Math.max(from + move, 0), marks.length - 1)]
  for (const mark of marks) mark.setAttribute('tabindex', mark === to ? '0' : '-1')
  to?.focus()
}

const UTC = /\d{1,2} \w{3} \d{4}, \d{2}:\d{2}:\d{2} UTC/g

const show = mark => {
  const tip = document.getElementById('tip')
  if (!mark || !tip) return
  tip.replaceChildren(
    ...mark.dataset.tip.split(' · ').map(line => {
      const element = document.createElement('span')
      element.textContent = line.replaceAll(UTC, text => longTime(Date.parse(text)))
      return element
    }),
  )
  tip.hidden = false
  const at = mark.getBoundingClientRect()
  const { width, height } = tip.getBoundingClientRect()
  const left = Math.min(Math.max(at.left + at.width / 2 - width / 2, 8), innerWidth - width - 8)
  const top = at.top - height - 8 < 8 ? at.bottom + 8 : at.top - height - 8
  tip.style.translate = `${Math.round(left)}px ${Math.round(top)}px`
}

const hide = () => {
  const tip = document.getElementById('tip')
  if (tip) tip.hidden = true
}
