/**
 * A step of a call on one entry, at one instant between the call and its return: a read or, with `to`, a write.
 * Instants are ticks of any counter.
 */
export interface Step {
  name: string
  calledAt: number
  returnedAt: number
  /** Whether the step may happen while the entry has this version; `null`: there is no entry. */
  from: (version: string | null) => boolean
  /** The version that the step leaves; `null`: no entry. Without it, the step is a read. */
  to?: string | null
  /** Happens before this one, within the same call. */
  first?: Step
}

/**
 * Looks for an order of all steps that explains every result, from no entry on. Pure.
 *
 * @returns `null`: there is one; else where the last order that was tried gets stuck
 * @see J. Wing and C. Gong, Testing and Verifying Concurrent Objects (1993)
 */
export function findUnexplained (steps: readonly Step[]): string | null {
  return search(steps.toSorted((a, b) => a.calledAt - b.calledAt), null)
}

function search (pending: Step[], version: string | null): string | null {
  const rest = withoutReads(pending, version)
  if (rest.length === 0) return null
  const next = nextSteps(rest)
  let stuck = `with ${String(version)} there, and ${rest.length} to go, none of these fits: ${next.map(({ name }) => name).join('; ')}`
  for (const step of next) {
    if (step.to === undefined || !step.from(version)) continue
    const unexplained = search(rest.filter((other) => other !== step), step.to)
    if (unexplained === null) return null
    stuck = unexplained
  }
  return stuck
}

/** A read that fits the current version changes nothing: to take it at once is never wrong. */
function withoutReads (pending: Step[], version: string | null): Step[] {
  const taken = new Set(nextSteps(pending).filter(({ to, from }) => to === undefined && from(version)))
  return taken.size === 0 ? pending : withoutReads(pending.filter((step) => !taken.has(step)), version)
}

/** The steps that may come next: none that was called after another call had returned. */
function nextSteps (pending: Step[]): Step[] {
  const firstReturn = Math.min(...pending.map(({ returnedAt }) => returnedAt))
  return pending.filter(({ calledAt, first }) => {
    return calledAt < firstReturn && (first === undefined || !pending.includes(first))
  })
}
