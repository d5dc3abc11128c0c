import type { FastifyMiroHooks } from './options.js'

type Name = keyof FastifyMiroHooks
type EventOf<N extends Name> = Parameters<NonNullable<FastifyMiroHooks[N]>>[0]

/** Calls the app's hooks: awaited, and what they throw is logged and changes nothing. */
export interface HookRunner {
  run: <N extends Name>(name: N, event: EventOf<N>) => Promise<void>
  /** The same, but only for the first time it is called. */
  once: <N extends Name>(name: N) => (event: EventOf<N>) => Promise<void>
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
    once (name) {
      let told: Promise<void> | undefined
      return async (event) => { await (told ??= run(name, event)) }
    }
  }
}
