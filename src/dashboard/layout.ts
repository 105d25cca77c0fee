/** What pages are laid out with: sections, tables, lists of facts, and what to say where nothing is. */

import { html } from './html.ts'
import type { Html, Part } from './html.ts'

/** `count`: how many, in words or as a number, beside the title. */
export const section = (title: string, content: Part, count: Part = null): Html =>
  html`<section>
    <h2>${title}${count !== null && html` <span class="count">${count}</span>`}</h2>
    ${content}
  </section>`

/** A column by its title; one of numbers is set to the right. */
export type Column = string | { readonly number: string }

/** Rows under their columns, in a box that scrolls sideways where it is too narrow for them. */
export const table = (label: string, columns: readonly Column[], rows: readonly Html[], kind = ''): Html =>
  html`<div class="scroll" tabindex="0" role="region" aria-label="${label}">
    <table class="${kind}">
      <thead>
        <tr>
          ${columns.map(column => (typeof column === 'string' ? html`<th>${column}</th>` : html`<th class="n">${column.number}</th>`))}
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </div>`

/** A fact by its name; one that is null or false is left out. */
export type Fact = readonly [name: string, value: Part]

export const facts = (all: readonly Fact[], kind = ''): Html =>
  html`<dl class="facts ${kind}">
    ${all
      .filter(([, value]) => value !== null && value !== false && value !== undefined)
      .map(
        ([name, value]) =>
          html`<div>
            <dt>${name}</dt>
            <dd>${value}</dd>
          </div>`,
      )}
  </dl>`

export const nothing = (words: Part): Html => html`<p class="nothing">${words}</p>`

/** What to do where there is nothing to see yet. */
export const hint = (words: string, ...lines: readonly Html[]): Html =>
  html`<div class="hint">
    <p>${words}</p>
    ${lines}
  </div>`

export const command = (text: string): Html => html`<pre class="command" tabindex="0"><code>${text}</code></pre>`
