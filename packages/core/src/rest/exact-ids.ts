import { parseJsonOrNull } from '../wire/lossless-json.js'

/**
 * A middleware for `openapi-fetch`: writes an answer of JSON anew, with the 64-bit numbers in it as texts, so that
 * `JSON.parse` cannot round them to the id of another user. `client.use(exactIds)`.
 *
 * @see https://openapi-ts.dev/openapi-fetch/middleware-auth
 */
export const exactIds = {
  async onResponse ({ response }: { response: Response }): Promise<Response | undefined> {
    const { status, statusText, body } = response
    if (body === null || response.headers.get('content-type')?.includes('json') !== true) return undefined
    const text = await response.text()
    const value = parseJsonOrNull(text)
    const headers = new Headers(response.headers)
    // They describe the bytes as they came.
    for (const name of ['content-length', 'content-encoding']) headers.delete(name)
    return new Response(value === null ? text : JSON.stringify(value), { status, statusText, headers })
  }
}
