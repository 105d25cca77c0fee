/** Buttons that ask the API for something, and say what came of it: beside the page, in words, also when it was refused. */

const SHOWN_FOR_MS = 8_000

/** Listens to every button of the page, also to those that come later. `lookAgain` is called after each success. */
export const listenToButtons = lookAgain => {
  document.addEventListener('click', event => {
    const button = event.target.closest?.('button[data-post], button[data-run-now]')
    if (button) void act(button, lookAgain)
  })
}

const act = async (button, lookAgain) => {
  if (button.getAttribute('aria-busy') === 'true') return
  button.setAttribute('aria-busy', 'true')
  try {
    const { runNow, post } = button.dataset
    const answer = runNow === undefined ? await ask(post, 'POST', {}) : await runNowOf(runNow)
    tell(answer, runNow === undefined ? post : 'run')
    await lookAgain()
  } catch (error) {
    say('refused', error.message)
  } finally {
    button.removeAttribute('aria-busy')
  }
}

// The input may be large, and may have changed: it is asked for when it is needed.
const runNowOf = async name => {
  const schedule = await ask(`/api/v1/schedules/${encodeURIComponent(name)}`, 'GET')
  return ask(`/api/v1/tasks/${encodeURIComponent(schedule.task)}/runs`, 'POST', { input: schedule.input })
}

const ask = async (path, method, body) => {
  let response
  try {
    response = await fetch(path, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } }),
    })
  } catch {
    throw new Error('Rota does not answer. Is it still running?')
  }
  const answer = await response.json().catch(() => ({}))
  if (!response.ok) throw new Error(answer.detail ?? `Rota answered ${response.status}.`)
  return answer
}

const tell = (answer, what) => {
  if (what.endsWith('/cancellations'))
    say(
      'done',
      answer.state === 'running' ? `Run ${answer.id} was asked to stop.` : `Run ${answer.id} is ${answer.state}.`,
    )
  else if (what.endsWith('/pause')) say('done', `${answer.name} is paused.`)
  else if (what.endsWith('/resume')) say('done', `${answer.name} goes on.`)
  else
    say('done', `Run ${answer.id} of ${answer.task} is wanted. `, {
      href: `/runs/${answer.id}`,
      text: `Show run ${answer.id}`,
    })
}

const say = (kind, words, link) => {
  const answers = document.getElementById('answers')
  const answer = document.createElement('div')
  answer.className = `answer ${kind}`
  if (kind === 'refused') answer.setAttribute('role', 'alert')
  const text = document.createElement('p')
  text.textContent = words
  if (link !== undefined) {
    const anchor = document.createElement('a')
    anchor.href = link.href
    anchor.textContent = link.text
    text.append(anchor)
  }
  const close = document.createElement('button')
  close.type = 'button'
  close.className = 'bare'
  close.setAttribute('aria-label', 'Close')
  close.textContent = '✕'
  close.addEventListener('click', () => answer.remove())
  answer.append(text, close)
  answers.replaceChildren(answer)
  // A refusal stays until it is read.
  if (kind !== 'refused') setTimeout(() => answer.remove(), SHOWN_FOR_MS)
}
