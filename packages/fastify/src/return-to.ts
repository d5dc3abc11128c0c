const longest = 1024

/**
 * Where a login may send the browser: a URL on `origin`, absolute, or `null` where `target` is anything else.
 *
 * Judged as parsed, not by its first characters, and returned absolute: a path can begin with two slashes after parsing
 * (`/.//evil.example`), which a browser would take for another host.
 *
 * @param forbidden paths of our own that would loop
 */
export function toReturnTo (target: unknown, origin: string, forbidden: readonly string[] = []): string | null {
  if (typeof target !== 'string' || target === '' || target.length > longest || !URL.canParse(target, origin)) return null
  const url = new URL(target, origin)
  if (url.origin !== origin || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') return null
  if (forbidden.includes(url.pathname) || url.href.length > longest) return null
  return url.href
}
