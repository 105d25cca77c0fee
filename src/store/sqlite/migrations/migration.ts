/** One step of the schema: run once, inside the transaction that also raises the schema's number. Never edited once released. */
export interface Migration {
  readonly sql: string
}
