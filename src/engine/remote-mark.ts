/** Whether this is a thread or child process that does the work of a task. There no app may work: it would start others. */

const mark = Symbol.for('rota.remote')

// Beside all modules: the file with the handler may load another copy of this one.
const marked = globalThis as { [mark]?: true }

export const markRemote = (): void => {
  marked[mark] = true
}

export const isRemote = (): boolean => marked[mark] === true
