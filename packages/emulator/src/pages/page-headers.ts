/** What sets a page apart from one that only shows something. */
export interface PageTraits {
  /**
   * Its form may lead to any origin. Chromium applies `form-action` to every redirect after the form, and the emulator
   * cannot know where the app redirects the browser after its callback.
   */
  formLeadsAnywhere?: boolean
  /** The origin of the frames in it. Only such a page runs scripts of the emulator, which ask the emulator for data. */
  framedOrigin?: string | null
  /** A window that opened the page loses its handle to it, and the page has no `window.opener`. */
  cutsOpener?: boolean
}

/** The headers of a page: no frames around it, no content of other origins but the framed one, no copy in a cache. */
export function toPageHeaders (styleHash: string, traits: PageTraits): Record<string, string> {
  const { formLeadsAnywhere = false, framedOrigin = null, cutsOpener = false } = traits
  const policy = [
    "default-src 'none'",
    `style-src 'sha256-${styleHash}'`,
    "img-src 'self'",
    ...framedOrigin === null ? [] : ["script-src 'self'", "connect-src 'self'", `frame-src ${framedOrigin}`],
    "base-uri 'none'",
    "frame-ancestors 'none'",
    ...formLeadsAnywhere ? [] : ["form-action 'self'"]
  ]
  return {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': policy.join('; '),
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    ...(cutsOpener && { 'cross-origin-opener-policy': 'same-origin' })
  }
}
