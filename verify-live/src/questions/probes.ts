import type { Session } from '../session/session.js'
import type { Reply } from '../wire/reply.js'
import { isAccepted } from '../wire/shape.js'

/** How long after a rotation the old token is tried: a grace period of OAuth servers is a minute or less. */
const probedSeconds = [0, 2, 5, 10, 30, 60]

export interface Probe {
  afterSeconds: number
  reply: Reply
}

/** Sends a request again and again, until it is refused. The seconds are those between the requests, at least. */
export async function probeUntilRefused (session: Session, send: () => Promise<Reply>): Promise<Probe[]> {
  const probes: Probe[] = []
  let elapsedSeconds = 0
  for (const afterSeconds of probedSeconds) {
    await session.wait((afterSeconds - elapsedSeconds) * 1_000)
    elapsedSeconds = afterSeconds
    const reply = await send()
    probes.push({ afterSeconds, reply })
    if (!isAccepted(reply)) break
  }
  return probes
}

/** `none`, `2 to 5 seconds` or `more than 60 seconds`. */
export function decideGrace (probes: readonly Probe[]): string {
  const lastAccepted = probes.findLast(({ reply }) => isAccepted(reply))
  const refused = probes.find(({ reply }) => !isAccepted(reply))
  if (lastAccepted === undefined) return 'none'
  if (refused === undefined) return `more than ${lastAccepted.afterSeconds} seconds`
  return `${lastAccepted.afterSeconds} to ${refused.afterSeconds} seconds`
}
