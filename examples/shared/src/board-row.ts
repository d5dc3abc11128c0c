import type { Board } from '@miro-oauth/fastify'
import { toTime, type Time } from './time.js'

/** A board as a page lists it. */
export interface BoardRow {
  name: string
  description: string
  link: string | null
  changed: Time | null
}

/** The template escapes text. An address must be checked here, since `javascript:` in a link would run as script. */
export function toBoardRow ({ name, description = '', viewLink, modifiedAt }: Board): BoardRow {
  return { name, description, link: toWebLink(viewLink), changed: toTime(modifiedAt) }
}

function toWebLink (text: string | undefined): string | null {
  return text !== undefined && /^https?:\/\//.test(text) ? text : null
}
