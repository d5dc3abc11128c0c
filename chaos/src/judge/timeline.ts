import type { Life } from '../fleet/member.js'
import type { RequestLog, Pair, TokenRequest } from '../miro/request-log.js'

interface Line {
  at: number
  text: string
}

/** Everything that is known of one person, in the order in which it happened; instants are milliseconds since `from`. */
export function writeTimeline ({ requestLog, userId, lives, from }: {
  requestLog: RequestLog
  userId: string
  lives: ReadonlyMap<string, Life>
  from: number
}): string {
  const pairs = requestLog.pairsOf(userId)
  const ids = new Set(pairs.map(({ record }) => record.id))
  const requests = requestLog.requests.filter(({ presented, gave }) => ids.has(presented ?? 0) || ids.has(gave ?? 0))
  const senders = new Set(requests.map(({ process }) => process))
  const lines = [
    ...requests.flatMap(toLines),
    ...pairs.flatMap((pair) => fates(pair, requestLog)),
    ...[...senders].flatMap((process) => endings(process, lives.get(process)))
  ]
  return lines.sort((a, b) => a.at - b.at).map(({ at, text }) => `  ${(at === Infinity ? '' : (at - from).toFixed(0)).padStart(8)} ${text}`).join('\n')
}

function toLines ({ id, kind, presented, arrivedAt, decidedAt, gave, answerLost, heldMs }: TokenRequest): Line[] {
  const asked = { at: arrivedAt, text: `${id} sends ${kind}${presented === null ? '' : ` with pair ${presented}`}` }
  if (decidedAt === null) return [asked]
  const fault = answerLost === null ? '' : `, the answer is lost: ${answerLost}`
  const held = heldMs === 0 ? '' : `, the answer is held for ${heldMs} ms`
  return [asked, { at: decidedAt, text: `${id} ${gave === null ? 'is refused' : `is given pair ${gave}`}${fault}${held}` }]
}

function fates ({ record: { id, death }, storedAt }: Pair, requestLog: RequestLog): Line[] {
  const stored: Line[] = storedAt === null ? [] : [{ at: storedAt, text: `pair ${id} is stored` }]
  if (death === null || death.cause === 'rotated') return stored
  // A revocation is in no request log: it is told where the timeline ends.
  const by = requestLog.requestByLedgerId(death.by)
  return [...stored, { at: by?.decidedAt ?? Infinity, text: `pair ${id} was ${death.cause}` }]
}

function endings (process: string, life: Life | undefined): Line[] {
  if (life === undefined) return []
  const stops = life.stops.map(({ from, to }): Line => ({ at: from, text: `${process} stands still${to === null ? '' : ` for ${(to - from).toFixed(0)} ms`}` }))
  const killed: Line[] = life.killedAt === null ? [] : [{ at: life.killedAt, text: `${process} is killed` }]
  const ended: Line[] = life.endedAt === null ? [] : [{ at: life.endedAt, text: `${process} has ended` }]
  return [...stops, ...killed, ...ended]
}
