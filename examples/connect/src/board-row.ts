import type { Board } from '@miro-oauth/fastify'
import { toTime, type Time } from './time.js'

/** What the page shows of a board. */
export interface BoardRow {
  name: string
  link: string | null
  changed: Time | null
}

/** Escaping is the template's work; that a link is a link is checked here. */
export function toBoardRow ({ name, viewLink, modifiedAt }: Board): BoardRow {
  return { name, link: toLink(viewLink), changed: toTime(modifiedAt) }
}

function toLink (text: string | undefined): string | null {
  return text !== undefined && /^https?:\/\//.test(text) ? text : null
}
