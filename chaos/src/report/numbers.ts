/** The value below which this share of a list lies; null for an empty list. */
export function quantile (values: readonly number[], share: number): number | null {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? null
}

/** Milliseconds as people read them. */
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
