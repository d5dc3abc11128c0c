import type { MiroAuth } from '@miro-oauth/core'

/** `unknown`: no grant was due, or Miro does not answer. */
export type SecretState = 'works' | 'refused' | 'unknown'

const hourMs = 3_600_000

/**
 * Whether Miro takes the client secret of this process: refreshes a few grants whose tokens are an hour old. Call it
 * after the deployment, in a process that has the new secret.
 *
 * @param isRefused whether the breaker is open, from the events: {@link watchSecret}
 */
export async function checkSecret (auth: MiroAuth, isRefused: () => boolean): Promise<SecretState> {
  const { refreshed } = await auth.refreshDue({ idleForMs: hourMs, limit: 20 })
  if (refreshed > 0) return 'works'
  return isRefused() ? 'refused' : 'unknown'
}

/** Pass `onEvent` to the plugin or to core. The breaker opens when Miro refuses the app itself. */
export function watchSecret (): { onEvent: (event: { type: string }) => void, isRefused: () => boolean } {
  let refused = false
  return {
    onEvent ({ type }) {
      if (type === 'breaker_opened') refused = true
      if (type === 'breaker_closed') refused = false
    },
    isRefused: () => refused
  }
}
