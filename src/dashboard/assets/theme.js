/** Before anything is painted: the colours that the reader chose last time, and a word that scripts work. */

;(() => {
  const root = document.documentElement
  root.classList.add('scripted')
  try {
    const chosen = localStorage.getItem('rota.theme')
    if (chosen === 'light' || chosen === 'dark') root.dataset.theme = chosen
  } catch {
    // Storage may be forbidden; then the system's choice stands.
  }
})()
