import type { ProcessLifetime } from '../fleet/process-lifetime.js'
import type { Pair, RequestLog, TokenRequest } from '../miro/request-log.js'

interface TimelineEntry {
  at: number
  text: string
}

export interface TimelineOptions {
  requestLog: RequestLog
  userId: string
  lifetimes: ReadonlyMap<string, ProcessLifetime>
  /** The instant from which the milliseconds of the timeline count. */
  from: number
}

/** Writes a line for each known event of one person's grant, in the order in which they happened. */
export function writeTimeline ({ requestLog, userId, lifetimes, from }: TimelineOptions): string {
  const pairs = requestLog.pairsOf(userId)
  const ids = new Set(pairs.map(({ record }) => record.id))
  const requests = requestLog.requests.filter(({ presented, gave }) => ids.has(presented ?? 0) || ids.has(gave ?? 0))
  const senders = new Set(requests.map(({ process }) => process))
  const events = [
    ...requests.flatMap(requestEvents),
    ...pairs.flatMap((pair) => pairEvents(pair, requestLog)),
    ...[...senders].flatMap((process) => processEvents(process, lifetimes.get(process)))
  ]
  return events.sort((a, b) => a.at - b.at).map((event) => toLine(event, from)).join('\n')
}

function toLine ({ at, text }: TimelineEntry, from: number): string {
  const instant = at === Infinity ? '' : (at - from).toFixed(0)
  return `  ${instant.padStart(8)} ${text}`
}

function requestEvents (request: TokenRequest): TimelineEntry[] {
  const { id, kind, presented, arrivedAt, decidedAt, gave, answerLost, answerDelayMs } = request
  const sent = { at: arrivedAt, text: `${id} sends ${kind}${presented === null ? '' : ` with pair ${presented}`}` }
  if (decidedAt === null) return [sent]
  const result = gave === null ? 'is refused' : `is given pair ${gave}`
  const fault = answerLost === null ? '' : `, the answer is lost: ${answerLost}`
  const delay = answerDelayMs === 0 ? '' : `, the answer is delayed for ${answerDelayMs} ms`
  return [sent, { at: decidedAt, text: `${id} ${result}${fault}${delay}` }]
}

function pairEvents ({ record: { id, death }, storedAt }: Pair, requestLog: RequestLog): TimelineEntry[] {
  const stored: TimelineEntry[] = storedAt === null ? [] : [{ at: storedAt, text: `pair ${id} is stored` }]
  if (death === null || death.cause === 'rotated') return stored
  // The request log has token requests only, so the instant of a revocation is unknown: it goes to the end.
  const by = requestLog.requestByLedgerId(death.by)
  return [...stored, { at: by?.decidedAt ?? Infinity, text: `pair ${id} was ${death.cause}` }]
}

function processEvents (process: string, lifetime: ProcessLifetime | undefined): TimelineEntry[] {
  if (lifetime === undefined) return []
  const { stops, killedAt, endedAt } = lifetime
  return [
    ...stops.map(({ from, to }): TimelineEntry => {
      const duration = to === null ? '' : ` for ${(to - from).toFixed(0)} ms`
      return { at: from, text: `${process} is stopped${duration}` }
    }),
    ...(killedAt === null ? [] : [{ at: killedAt, text: `${process} is killed` }]),
    ...(endedAt === null ? [] : [{ at: endedAt, text: `${process} has ended` }])
  ]
}
