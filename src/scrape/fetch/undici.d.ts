/** The parts of undici that the transport loads one by one; the package types itself only as a whole. */

declare module 'undici/lib/dispatcher/agent.js' {
  const Agent: typeof import('undici').Agent
  export default Agent
}

declare module 'undici/lib/core/connect.js' {
  const buildConnector: typeof import('undici').buildConnector
  export default buildConnector
}

declare module 'undici/lib/api/api-request.js' {
  type Dispatcher = import('undici').Dispatcher
  const request: (
    this: Dispatcher,
    options: import('undici').Dispatcher.RequestOptions,
  ) => Promise<import('undici').Dispatcher.ResponseData>
  export default request
}
