/** Of a URL as it is sent, percent-encoded. Login's own address encodes it once more, and must fit in a request line of 8 KB. */
const maxLength = 2048

/**
 * Where a login may send the browser: a URL on `origin` or another one that is allowed, absolute, or `null` where
 * `target` is anything else.
 *
 * Judged as parsed, not by its first characters, and returned absolute: a path can begin with two slashes after parsing
 * (`/.//evil.example`), which a browser would take for another host.
 *
 * @param allowed.forbidden paths of our own that would loop
 * @param allowed.origins further origins
 */
export function toReturnTo (target: unknown, origin: string, { forbidden = [], origins = [] }: {
  forbidden?: readonly string[]
  origins?: readonly string[]
} = {}): string | null {
  if (typeof target !== 'string' || target === '' || target.length > maxLength || !URL.canParse(target, origin)) return null
  const url = new URL(target, origin)
  if (!/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '' || url.href.length > maxLength) return null
  if (url.origin !== origin) return origins.includes(url.origin) ? url.href : null
  if (forbidden.map(toComparable).includes(toComparable(url.pathname))) return null
  return url.href
}

/** A path as some routers read it: decoded, in one case, without doubled or trailing slashes. */
function toComparable (pathname: string): string {
  const decoded = pathname.replaceAll(/%[0-7][0-9a-f]/gi, (code) => String.fromCharCode(Number.parseInt(code.slice(1), 16)))
  return decoded.toLowerCase().replaceAll(/\/+/g, '/').replace(/\/$/, '')
}
