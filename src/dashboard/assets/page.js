/** What makes a page live: times that count on, regions that stay fresh, buttons that act, marks that speak. */

import { listenToButtons } from './actions.js'
import { keepFresh } from './fresh.js'
import { speakingMarks } from './marks.js'
import { setNow, showTimes } from './show-times.js'

setNow(document.body.dataset.now)
showTimes(document)
setInterval(() => showTimes(document, true), 1_000)

const zone = document.getElementById('zone')
if (zone) zone.textContent = Intl.DateTimeFormat().resolvedOptions().timeZone

speakingMarks(document)
const lookAgain = keepFresh(region => {
  showTimes(region)
  speakingMarks(region)
})
listenToButtons(lookAgain)
themeButton()
formsThatSendThemselves()
stickToTheEnd()

function themeButton() {
  const button = document.getElementById('theme')
  const root = document.documentElement
  button.hidden = false
  button.addEventListener('click', () => {
    const dark = root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches
    root.dataset.theme = dark ? 'light' : 'dark'
    try {
      localStorage.setItem('rota.theme', root.dataset.theme)
    } catch {
      // It holds for this page then.
    }
  })
}

function formsThatSendThemselves() {
  for (const form of document.querySelectorAll('form.choices')) {
    form.addEventListener('change', () => form.requestSubmit())
    // An empty choice is no filter: it stays out of the address.
    form.addEventListener('formdata', ({ formData }) => {
      for (const [name, value] of Array.from(formData)) if (value === '') formData.delete(name)
    })
  }
}

function stickToTheEnd() {
  for (const box of document.querySelectorAll('[data-stick]')) box.scrollTop = box.scrollHeight
}
