import type { Board } from '@miro-oauth/fastify'

/** What the table shows of a board. */
export interface BoardRow {
  name: string
  description: string
  link: string | null
  /** For people and, as `iso`, for machines. */
  changed: { text: string, iso: string } | null
}

const format = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' })

/** Escaping is the template's work; that a link is a link, and a date a date, is checked here. */
export function toBoardRow ({ name, description = '', viewLink, modifiedAt }: Board): BoardRow {
  return { name, description, link: toLink(viewLink), changed: toChanged(modifiedAt) }
}

function toLink (text: string | undefined): string | null {
  return text !== undefined && /^https?:\/\//.test(text) ? text : null
}

function toChanged (text: string | undefined): BoardRow['changed'] {
  const date = new Date(text ?? '')
  return Number.isNaN(date.getTime()) ? null : { text: `${format.format(date)} UTC`, iso: date.toISOString() }
}
