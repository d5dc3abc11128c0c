/** How long things may take, in milliseconds. */
export interface RefreshLimits {
  /** How long a caller waits for a token. Default 10 s. */
  callerMs: number
  /** How long a request to Miro may take, answer included. With {@link leaseToRequestMs} shorter than `leaseMs`. Default 100 s. */
  requestMs: number
  /** How old a lease must be before another process takes it over. Default 120 s. */
  leaseMs: number
  /** How long a caller whose token is still valid waits for a refresh that is under way. Default 2 s. */
  aheadMs: number
}

export const defaultLimits: RefreshLimits = { callerMs: 10_000, requestMs: 100_000, leaseMs: 120_000, aheadMs: 2000 }

/** Between a lease and its request no more may pass than this: ten seconds, less for a short lease. */
export function leaseToRequestMs ({ leaseMs }: Pick<RefreshLimits, 'leaseMs'>): number {
  return Math.min(10_000, leaseMs / 12)
}
