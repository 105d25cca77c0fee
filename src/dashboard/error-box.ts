/** An error of a run, with its stack and what caused it. All of it is foreign text. */

import type { RunError } from '../domain/run.ts'
import { html } from './html.ts'
import type { Html } from './html.ts'

export const errorBox = (error: RunError, depth = 0): Html =>
  html`<div class="error">
    <p class="message">
      <strong>${error.name}${error.code !== undefined && ` (${error.code})`}</strong>
      <span>${error.message}</span>
    </p>
    ${
      error.stack !== undefined &&
      html`<details data-key="stack ${depth}">
        <summary>Stack</summary>
        <pre tabindex="0">${error.stack}</pre>
      </details>`
    }
    ${
      error.cause !== undefined &&
      html`<div class="cause">
        <p class="by">caused by</p>
        ${errorBox(error.cause, depth + 1)}
      </div>`
    }
  </div>`
