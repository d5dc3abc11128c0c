import { invalidParameters } from '../wire/envelope.js'
import type { NewItem } from '../boards/boards.js'

const maxContent = 6_000

/**
 * Reads the body of a new sticky note. It is in the middle of the board where no place is given.
 *
 * @throws {MiroRefusal} 400 for content that is no text or too long, or a coordinate that is no finite number
 * @see https://developers.miro.com/docs/websdk-reference-sticky-note
 */
export function parseNewNote (body: ReadonlyMap<string, unknown>, authorId: string): NewItem {
  const content = body.get('content') ?? ''
  if (typeof content !== 'string') throw invalidParameters('content must be a string')
  if (content.length > maxContent) throw invalidParameters(`content must have at most ${maxContent} characters`)
  return { type: 'sticky_note', content, x: readCoordinate(body, 'x'), y: readCoordinate(body, 'y'), authorId }
}

function readCoordinate (body: ReadonlyMap<string, unknown>, name: string): number {
  const value = body.get(name) ?? 0
  if (typeof value !== 'number' || !Number.isFinite(value)) throw invalidParameters(`${name} must be a number`)
  return value
}
