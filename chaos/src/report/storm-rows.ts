import type { TokenRequest } from '../miro/request-log.js'
import type { ReuseRule, StormResult } from '../plans/storm-options.js'
import { killsInRefreshes } from '../miro/refresh-under-way.js'
import { sum, toCount, toQuantiles, toShare } from './numbers.js'
import type { Row } from './table.js'

const reuseTexts: Record<ReuseRule, string> = {
  refuse: 'refused',
  'revoke-family': 'end the family',
  both: 'refused, then end the family'
}

/** The rows of a storm's column: its options, what was measured, and the verdicts. */
export function stormRows (result: StormResult): Row[] {
  return [...optionRows(result), ...faultRows(result), ...callRows(result), ...verdictRows(result)]
}

function optionRows ({ options, ms }: StormResult): Row[] {
  return [
    ['store · spent refresh tokens are', `${options.store} · ${reuseTexts[options.reuse]}`],
    ['people · minutes · seed', `${options.people} · ${(ms / 60_000).toFixed(1)} · ${options.seed}`]
  ]
}

function faultRows (result: StormResult): Row[] {
  const { counts } = result
  const refreshes = refreshesOf(result)
  const tokens = new Set(refreshes.map(({ presented }) => presented)).size
  return [
    ['refreshes granted', toCount(refreshes.filter(({ gave }) => gave !== null).length)],
    ['refresh requests per refresh token used', (refreshes.length / Math.max(1, tokens)).toFixed(3)],
    ['SIGKILL · SIGSTOP · SIGTERM', `${counts.kills} · ${counts.stops} · ${counts.terminations}`],
    ['SIGKILL of a process with a refresh under way', String(killsInRefreshes(result))],
    storeRow(result)
  ]
}

function storeRow ({ options, counts }: StormResult): Row {
  return options.store === 'sqlite'
    ? ['the file was locked by another connection', String(counts.outages)]
    : ['store restarts · store connections cut', `${counts.outages} · ${counts.cuts}`]
}

function callRows ({ tally }: StormResult): Row[] {
  const { durationsMs, errors } = tally
  const calls = durationsMs.length
  return [
    ['calls to Miro', toCount(calls)],
    ['calls that failed', toShare(sum(errors.values()), calls)],
    ...mostFrequentFirst(errors).map(([code, count]): Row => [`— ${code}`, toShare(count, calls)]),
    ['a call takes: p50 · p99 · longest', toQuantiles(durationsMs, [0.5, 0.99, 1])],
    ['sign-ins again · disconnects', `${tally.signInsAgain} · ${tally.disconnects}`]
  ]
}

function verdictRows (result: StormResult): Row[] {
  const { tally, alive, disconnected } = result
  const zeros = ['lost avoidably', 'resurrected', 'wrong epoch', 'foreign token'] as const
  return [
    ['alive at the end · disconnected', `${alive} · ${disconnected}`],
    ['lost unavoidably', toCount(sum(tally.unavoidable.values()))],
    ...mostFrequentFirst(tally.unavoidable).map(([cause, count]): Row => [`— ${cause}`, toCount(count)]),
    ['the window, from Miro’s commit to the store’s: p50 · p99', toQuantiles(windowsMs(result), [0.5, 0.99])],
    ['age of the request where the kill cost a grant: p50 · p99', toQuantiles(tally.killedRequestAgesMs, [0.5, 0.99])],
    ...zeros.map((kind): Row => [`**${kind}**`, `**${tally.count(kind)}**`]),
    ['asked to sign in again, and alive', toCount(tally.falseAlarms)],
    ['processes that crashed', toCount(tally.count('crash'))]
  ]
}

function mostFrequentFirst (counts: ReadonlyMap<string, number>): Array<[name: string, count: number]> {
  return [...counts].sort((a, b) => b[1] - a[1])
}

/** The refreshes of the storm itself, without those of the wait for the last lease. */
function refreshesOf ({ requestLog, endedAt }: StormResult): TokenRequest[] {
  return requestLog.requests.filter(({ kind, arrivedAt }) => kind === 'refresh' && arrivedAt <= endedAt)
}

/** The milliseconds from Miro's commit to the store's, of each refresh whose process lived to report the second. */
function windowsMs (result: StormResult): number[] {
  return refreshesOf(result).flatMap(({ gave, decidedAt }) => {
    const storedAt = result.requestLog.pair(gave)?.storedAt ?? null
    return storedAt === null || decidedAt === null ? [] : [Math.max(0, storedAt - decidedAt)]
  })
}
