/** An instant, as text for people and as ISO 8601 for machines. */
export interface Time {
  text: string
  iso: string
}

const format = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' })

/** Returns `null` for text that is not a date. */
export function toTime (instant: string | number | undefined): Time | null {
  const date = new Date(instant ?? '')
  return Number.isNaN(date.getTime()) ? null : { text: `${format.format(date)} UTC`, iso: date.toISOString() }
}
