/** The redirect URI with `parameters` behind whatever query it already has; null values are left out. */
export function toCallbackUrl (redirectUri: string, parameters: Readonly<Record<string, string | null>>): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(parameters)) if (value !== null) query.append(name, value)
  // Joined as text: parsing the registered URI would rewrite a query that must stay as it is.
  return `${redirectUri}${separatorFor(redirectUri)}${query}`
}

function separatorFor (redirectUri: string): string {
  if (!redirectUri.includes('?')) return '?'
  return /[?&]$/.test(redirectUri) ? '' : '&'
}
