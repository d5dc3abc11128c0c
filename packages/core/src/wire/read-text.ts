import { untilAborted } from './until-aborted.js'

/** Far more than any token answer holds: a body without end must not fill the memory. */
const maxBytes = 65_536

/** Reads a body of at most 64 KB as text. */
export async function readText (response: Response, signal: AbortSignal): Promise<string> {
  if (response.body === null) return ''
  const reader = response.body.getReader()
  const decoder = new TextDecoder()
  let text = ''
  let bytes = 0
  try {
    for (;;) {
      const { done, value } = await untilAborted(reader.read(), signal)
      if (done) return text + decoder.decode()
      bytes += value.byteLength
      if (bytes > maxBytes) throw new Error('The body is too long.')
      text += decoder.decode(value, { stream: true })
    }
  } catch (error) {
    reader.cancel().catch(() => {})
    throw error
  }
}
