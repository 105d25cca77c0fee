/** The environment as a child is to see it: what is listed, and nothing else. */

export const listedEnvironment = (names: readonly string[]): Record<string, string> => {
  const seen: Record<string, string> = {}
  for (const name of names) {
    const value = process.env[name]
    if (value !== undefined) seen[name] = value
  }
  return seen
}
