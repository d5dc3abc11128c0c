import type { ExpiriesResult } from '../plans/expiries.js'
import type { Row } from './table.js'

/** The rows of an expiries plan's column. */
export function expiryRows (result: ExpiriesResult): Row[] {
  const { options: { store, rounds }, processes, callersEach, refreshRequests, callers, failed, refused } = result
  return [
    ['store', store],
    ['processes × callers × expiries', `${processes} × ${callersEach} × ${rounds}`],
    ['refresh requests', String(refreshRequests)],
    ['**refresh requests per expiry**', `**${(refreshRequests / rounds).toFixed(2)}**`],
    ['**callers that failed**', `**${failed.length} of ${callers}**`],
    ...[...new Set(failed)].map((code): Row => [`— ${code}`, String(failed.filter((one) => one === code).length)]),
    ['tokens given that Miro refuses', String(refused)]
  ]
}
