const units = [['day', 86_400_000], ['hour', 3_600_000], ['minute', 60_000], ['second', 1_000]] as const

/** Describes how far a clock was moved: `not moved`, `1 hour ahead`, `2 days, 3 hours ahead`, `5 minutes behind`. */
export function describeOffset (ms: number): string {
  let rest = Math.abs(Math.round(ms / 1_000)) * 1_000
  const parts: string[] = []
  for (const [unit, length] of units) {
    const count = Math.floor(rest / length)
    rest -= count * length
    if (count > 0) parts.push(`${count} ${unit}${count === 1 ? '' : 's'}`)
  }
  if (parts.length === 0) return 'not moved'
  return `${parts.join(', ')} ${ms < 0 ? 'behind' : 'ahead'}`
}
