import type { FaultRequest } from '@miro-oauth/emulator'

/** The header in which each request names its sender: the id of the process, a colon, and a number. */
export const senderHeader = 'x-chaos-request'

/** The value of the header, or null for a request of another client. */
export function senderOf ({ headers }: FaultRequest): string | null {
  const value = headers[senderHeader]
  return typeof value === 'string' && value.includes(':') ? value : null
}
