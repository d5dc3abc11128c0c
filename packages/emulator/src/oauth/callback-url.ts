/** Adds `parameters` to the redirect URI, behind the query that it may have. Null values are left out. */
export function toCallbackUrl (redirectUri: string, parameters: Readonly<Record<string, string | null>>): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(parameters)) if (value !== null) query.append(name, value)
  // Joined as text, because parsing the registered URI and writing it again could change its query.
  return `${redirectUri}${separatorFor(redirectUri)}${query}`
}

function separatorFor (redirectUri: string): string {
  if (!redirectUri.includes('?')) return '?'
  return /[?&]$/.test(redirectUri) ? '' : '&'
}
