import type { GrantRef } from '@miro-oauth/core'
import { isSameGrant } from '../grants/consented-grant.js'
import type { FastifyMiroHooks } from '../options.js'

type Name = keyof FastifyMiroHooks
type EventOf<N extends Name> = Parameters<NonNullable<FastifyMiroHooks[N]>>[0]

/** Calls the app's hooks: awaited, and what they throw is logged and changes nothing. */
export interface HookRunner {
  run: <N extends Name>(name: N, event: EventOf<N>) => Promise<void>
  /**
   * Makes what tells `onReauthorize` once of each grant. Whoever comes second does not wait for the first: it may be the
   * hook itself, that uses `request.miro`.
   */
  onReauthorizeOnce: () => (event: EventOf<'onReauthorize'>) => Promise<void>
}

/** Makes a {@link HookRunner}. */
export function createHookRunner (hooks: FastifyMiroHooks): HookRunner {
  async function run<N extends Name> (name: N, event: EventOf<N>): Promise<void> {
    const hook = hooks[name] as ((event: EventOf<N>) => unknown) | undefined
    try {
      await hook?.(event)
    } catch (error) {
      event.request.log.error({ err: error, hook: name }, 'a hook of the Miro plugin failed')
    }
  }

  return {
    run,
    onReauthorizeOnce () {
      const notified: GrantRef[] = []
      return async (event) => {
        if (notified.some((ref) => isSameGrant(ref, event.ref))) return
        notified.push(event.ref)
        await run('onReauthorize', event)
      }
    }
  }
}
