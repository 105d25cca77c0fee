/** The door of the dashboard: its pages, to be served by `listen` of rota/server. */

export { pages } from './pages.ts'
export type { PagesOptions } from './pages.ts'
