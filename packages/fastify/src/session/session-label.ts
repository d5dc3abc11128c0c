import type { FastifyRequest } from 'fastify'
import type { SessionLabel } from '../options.js'

const maxCharacters = 100

/** What the app calls the browser of a request. `null`: nothing, or its function failed, which is logged. */
export async function labelOf (request: FastifyRequest, label: SessionLabel | undefined): Promise<string | null> {
  try {
    return toLabel(await label?.(request))
  } catch (error) {
    request.log.error({ err: error }, 'the option session.label of the Miro plugin failed')
    return null
  }
}

/** Cut at whole characters: half of a surrogate pair could not be stored. */
function toLabel (value: unknown): string | null {
  if (typeof value !== 'string' || value === '') return null
  return Array.from(value.slice(0, 2 * maxCharacters).toWellFormed()).slice(0, maxCharacters).join('')
}
