const pattern = /"refresh_?[tT]oken":"([^"]+)"/

/** Finds the refresh token in a stored text: core's records and the JSON of the other subjects spell it alike. */
export function refreshTokenIn (text: string): string | null {
  return pattern.exec(text)?.[1] ?? null
}
