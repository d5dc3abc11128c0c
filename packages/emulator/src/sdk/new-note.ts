import { type Members, object, requireFields } from '../fields/rule.js'
import { number, text } from '../fields/values.js'

const noteRule = object({ content: text({ max: 6_000 }), x: number(), y: number() })

/**
 * Reads the body of a new sticky note of the Web SDK, in the form in which the REST API takes one.
 *
 * @throws {MiroRefusal} 400 for content that is no text or too long, or a coordinate that is no finite number
 * @see https://developers.miro.com/docs/websdk-reference-sticky-note
 */
export function parseNewNote (body: ReadonlyMap<string, unknown>): Members {
  const { content = '', x = 0, y = 0 } = requireFields(noteRule, Object.fromEntries(body), true)
  return { data: { content }, position: { x, y } }
}
