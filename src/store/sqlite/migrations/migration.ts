/** One step of the schema: taken once, in the transaction that also raises its number. Never edited once released. */
export interface Migration {
  readonly sql: string
}
