/**
 * Headers of every answer to a URL that carries a code or a state: no cache keeps the answer, and no `Referer` takes
 * the URL along to the next page (RFC 9700, section 4.2.4).
 */
export const noStoreHeaders = { 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' } as const
