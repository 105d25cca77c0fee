/** The door `rota/server`: what a program needs to answer over HTTP. */

export { api } from './api.ts'
export type { ApiOptions } from './api.ts'
export { listen } from './listen.ts'
export type { Listening, ListenOptions } from './listen.ts'
