/** The value below which this share of the values lies; null for an empty list. */
export function quantile (values: readonly number[], share: number): number | null {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? null
}

/** Milliseconds with their unit: `8.8 ms`, `220 ms`, `10.0 s`. */
export function toDuration (ms: number | null): string {
  if (ms === null) return '—'
  return ms < 1000 ? `${ms < 10 ? ms.toFixed(1) : ms.toFixed(0)} ms` : `${(ms / 1000).toFixed(1)} s`
}

export function toCount (count: number): string {
  return count.toLocaleString('en')
}

/** Several quantiles, such as `1.2 ms · 40 ms`. */
export function toQuantiles (values: readonly number[], shares: readonly number[]): string {
  return shares.map((share) => toDuration(quantile(values, share))).join(' · ')
}

/** A count and its percentage, such as `463 (0.48 %)`. */
export function toShare (count: number, of: number): string {
  return `${toCount(count)} (${(100 * count / Math.max(1, of)).toFixed(2)} %)`
}

export function sum (counts: Iterable<number>): number {
  return [...counts].reduce((total, count) => total + count, 0)
}
