/**
 * Of a URL as it is sent, percent-encoded. Login's own address encodes it once more, and must fit in a request line of
 * 8 KB.
 */
const maxLength = 2048

/**
 * The absolute URL that a login may send the browser to. `null`: `target` would be an open redirect, a loop, or no URL.
 *
 * The target is compared after parsing, not by its first characters: `/.//evil.example` parses to a path that begins
 * with two slashes, and an app that hands such a path on alone would send the browser to another host.
 *
 * @param allowed.forbidden the plugin's own paths, which would loop
 * @param allowed.origins further origins
 * @see RFC 9700, section 4.11
 */
export function toReturnTo (target: unknown, origin: string, { forbidden = [], origins = [] }: {
  forbidden?: readonly string[]
  origins?: readonly string[]
} = {}): string | null {
  if (typeof target !== 'string' || target === '' || target.length > maxLength) return null
  if (!URL.canParse(target, origin)) return null
  const url = new URL(target, origin)
  if (!/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') return null
  if (url.href.length > maxLength || url.pathname.startsWith('//')) return null
  if (url.origin !== origin) return origins.includes(url.origin) ? url.href : null
  if (forbidden.map(toComparable).includes(toComparable(url.pathname))) return null
  return url.href
}

/** A path as the most lenient router reads it: decoded, in lower case, without doubled or trailing slashes. */
function toComparable (pathname: string): string {
  const decoded = pathname.replaceAll(/%[0-7][0-9a-f]/gi, decodeURIComponent)
  return decoded.toLowerCase().replaceAll(/\/+/g, '/').replace(/\/$/, '')
}
