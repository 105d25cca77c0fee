/** The shapes of all states, drawn once a page and used by name. Shapes differ without their colours. */

import { raw } from 'hono/html'
import type { Html } from './html.ts'

const ring = '<circle cx="8" cy="8" r="6.2" class="line"/>'
const disc = '<circle cx="8" cy="8" r="7" class="full"/>'
const check = `${disc}<path d="M4.9 8.3 7.1 10.5 11.2 5.8" class="cut"/>`
const half = `${ring}<path d="M8 1.8a6.2 6.2 0 0 1 0 12.4z" class="full"/>`
const stop =
  '<path d="M5.1 1h5.8L15 5.1v5.8L10.9 15H5.1L1 10.9V5.1z" class="full"/><path d="M5.6 5.6l4.8 4.8M10.4 5.6l-4.8 4.8" class="cut"/>'

const icons: Readonly<Record<string, string>> = {
  succeeded: check,
  healthy: check,
  partial: half,
  degraded: half,
  failed: stop,
  failing: stop,
  running: '<circle cx="8" cy="8" r="6" class="line faint"/><path d="M8 2a6 6 0 0 1 6 6" class="line"/>',
  queued: `${ring}<circle cx="5" cy="8" r=".9" class="full"/><circle cx="8" cy="8" r=".9" class="full"/><circle cx="11" cy="8" r=".9" class="full"/>`,
  open: `${ring}<path d="M8 4.6V8l2.2 1.6" class="line"/>`,
  retrying: '<path d="M13.4 6.4A5.7 5.7 0 1 0 13.7 9" class="line"/><path d="M13.9 2.6v4h-4" class="line"/>',
  cancelled: `${ring}<path d="M3.8 12.2l8.4-8.4" class="line"/>`,
  skipped: `${ring}<path d="M5.2 8h5.6" class="line"/>`,
  late: `${disc}<path d="M8 4.2V8l2.6 1.8" class="cut"/>`,
  unknown: '<circle cx="8" cy="8" r="6.2" class="line dashes"/>',
  paused: `${disc}<path d="M6.2 5.4v5.2M9.8 5.4v5.2" class="cut"/>`,
  active: '<circle cx="8" cy="8" r="3.4" class="full"/>',
  ended: '<rect x="3.4" y="3.4" width="9.2" height="9.2" rx="1.6" class="line"/>',
  unloadable: '<path d="M8 1.6 15 14H1z" class="full"/><path d="M8 6v3.6M8 11.6v.3" class="cut"/>',
  play: '<path d="M4.5 2.8v10.4L13 8z" class="full"/>',
  pause: '<path d="M5.4 3.2v9.6M10.6 3.2v9.6" class="line thick"/>',
  again: '<path d="M13.4 6.4A5.7 5.7 0 1 0 13.7 9" class="line"/><path d="M13.9 2.6v4h-4" class="line"/>',
  cancel: '<path d="M4 4l8 8M12 4l-8 8" class="line"/>',
  light:
    '<circle cx="8" cy="8" r="3" class="line"/><path d="M8 1v1.6M8 13.4V15M1 8h1.6M13.4 8H15M3 3l1.2 1.2M11.8 11.8 13 13M13 3l-1.2 1.2M4.2 11.8 3 13" class="line"/>',
  dark: '<path d="M13.6 9.6A6 6 0 0 1 6.4 2.4a6 6 0 1 0 7.2 7.2z" class="line"/>',
}

// In cells of 10 by 28, standing on the ground at 25.
const bar = '<rect x="2" y="11" width="6" height="14" rx="1.5"/>'
const frame = '<rect x="2.7" y="11.7" width="4.6" height="12.6" rx="1" class="hollow"/>'

const marks: Readonly<Record<string, string>> = {
  none: '<circle cx="5" cy="24" r="1"/>',
  succeeded: bar,
  partial:
    '<rect x="2" y="11" width="6" height="14" rx="1.5" class="weak"/><path d="M2 18h6v5.5A1.5 1.5 0 0 1 6.5 25h-3A1.5 1.5 0 0 1 2 23.500z"/>',
  failed: '<rect x="2" y="4" width="6" height="21" rx="1.5"/><path d="M3.7 8l2.6 2.6M6.3 8 3.7 10.6" class="cut"/>',
  cancelled: `${frame}<path d="M3.2 23 6.8 13" class="hollow"/>`,
  skipped: '<circle cx="5" cy="22" r="2.4" class="hollow"/>',
  running: `${frame}<rect x="2.7" y="18" width="4.6" height="6.3" class="pulse"/>`,
  retrying: `${frame}<circle cx="5" cy="18" r="1.2"/>`,
  queued: '<circle cx="5" cy="22" r="2.8"/>',
  open: '<circle cx="5" cy="22" r="2.4" class="hollow"/><circle cx="5" cy="22" r="0.9"/>',
  late: '<path d="M2 1.500h6L5 5.500z"/>',
}

const symbol = (id: string, box: string, drawing: string): string =>
  `<symbol id="${id}" viewBox="0 0 ${box}"${box === '10 28' ? ' width="10" height="28"' : ''}>${drawing}</symbol>`

/** All of them, invisible: to be put into every page. */
export const symbols: Html = raw(
  `<svg class="symbols" aria-hidden="true" width="0" height="0">${[
    ...Object.entries(icons).map(([name, drawing]) => symbol(`i-${name}`, '16 16', drawing)),
    ...Object.entries(marks).map(([name, drawing]) => symbol(`m-${name}`, '10 28', drawing)),
  ].join('')}</svg>`,
)
