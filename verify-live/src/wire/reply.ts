/** An answer of Miro's API. */
export interface Reply {
  status: number
  headers: Headers
  /** `null` where the body is no JSON object. Numbers beyond 2^53 are inexact, and only of use by type and length. */
  json: Readonly<Record<string, unknown>> | null
  isEmpty: boolean
}

/** Reads an answer. Never rejects over its body's form. */
export async function readReply (response: Response): Promise<Reply> {
  const text = await response.text()
  return { status: response.status, headers: response.headers, json: parseObject(text), isEmpty: text === '' }
}

/** A JSON object, or `null` for any other text. */
export function parseObject (text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : null
  } catch {
    return null
  }
}

export function isObject (value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
