import type { TokenRequest } from '../miro/request-log.js'
import type { StormResult } from '../plans/storm-options.js'
import { toCount, toQuantiles } from './numbers.js'

/** The rows of a storm's column: what was measured, and how it came out. */
export function stormRows (result: StormResult): Array<[name: string, value: string]> {
  const { options, tally, counts, ms } = result
  const refreshes = refreshesOf(result)
  return [
    ['store · spent refresh tokens are', `${options.store} · ${options.reuse === 'refuse' ? 'refused' : options.reuse === 'both' ? 'refused, then end the family' : 'end the family'}`],
    ['people · minutes · seed', `${options.people} · ${(ms / 60_000).toFixed(1)} · ${options.seed}`],
    ['refreshes granted', toCount(refreshes.filter(({ gave }) => gave !== null).length)],
    ['refresh requests per refresh token used', perToken(result)],
    ['SIGKILL · SIGSTOP · SIGTERM', `${counts.kills} · ${counts.stops} · ${counts.terms}`],
    ['store restarts · store connections cut', `${counts.restarts} · ${counts.cuts}`],
    ['calls to Miro', toCount(tally.durationsMs.length)],
    ['calls that failed', share(sum(tally.errors), tally.durationsMs.length)],
    ...[...tally.errors].sort((a, b) => b[1] - a[1]).map(([code, count]): [string, string] => [`— ${code}`, share(count, tally.durationsMs.length)]),
    ['a call takes: p50 · p99 · longest', toQuantiles(tally.durationsMs, [0.5, 0.99, 1])],
    ['sign-ins again · disconnects', `${tally.signInsAgain} · ${tally.disconnects}`],
    ['alive at the end · away', `${result.alive} · ${result.away}`],
    ['lost unavoidably', toCount(sum(tally.unavoidable))],
    ...[...tally.unavoidable].sort((a, b) => b[1] - a[1]).map(([cause, count]): [string, string] => [`— ${cause}`, toCount(count)]),
    ['the window, from Miro’s commit to the store’s: p50 · p99', toQuantiles(windowsOf(result), [0.5, 0.99])],
    ['age of the request where the kill cost a grant: p50 · p99', toQuantiles(tally.killAges, [0.5, 0.99])],
    ...(['lost avoidably', 'resurrected', 'wrong epoch', 'foreign token'] as const).map((kind): [string, string] => [`**${kind}**`, `**${tally.count(kind)}**`]),
    ['asked to sign in again, and alive', toCount(tally.falseAlarms)],
    ['processes that crashed', toCount(tally.count('crash'))]
  ]
}

/** Those of the storm itself; what comes after it is only waited for. */
function refreshesOf ({ requestLog, endedAt }: StormResult): TokenRequest[] {
  return requestLog.requests.filter(({ kind, arrivedAt }) => kind === 'refresh' && arrivedAt <= endedAt)
}

function perToken (result: StormResult): string {
  const refreshes = refreshesOf(result)
  return (refreshes.length / Math.max(1, new Set(refreshes.map(({ presented }) => presented)).size)).toFixed(3)
}

/** Milliseconds between Miro's commit and the store's, as processes that lived to tell it saw it. */
function windowsOf (result: StormResult): number[] {
  return refreshesOf(result).flatMap(({ gave, decidedAt }) => {
    const storedAt = result.requestLog.pair(gave)?.storedAt ?? null
    return storedAt === null || decidedAt === null ? [] : [Math.max(0, storedAt - decidedAt)]
  })
}

function sum (counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((total, count) => total + count, 0)
}

function share (count: number, of: number): string {
  return `${toCount(count)} (${(100 * count / Math.max(1, of)).toFixed(2)} %)`
}
