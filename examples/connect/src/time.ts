/** An instant for people and, as `iso`, for machines. */
export interface Time {
  text: string
  iso: string
}

const format = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' })

/** `null`: that is no instant. */
export function toTime (instant: string | number | undefined): Time | null {
  const date = new Date(instant ?? '')
  return Number.isNaN(date.getTime()) ? null : { text: `${format.format(date)} UTC`, iso: date.toISOString() }
}
