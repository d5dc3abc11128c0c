import type { GrantRef, MiroAuth } from '@miro-oauth/core'
import type { FastifyBaseLogger } from 'fastify'
import { isSameGrant } from '../grants/consented-grant.js'
import type { FastifyMiroHooks } from '../options.js'

type HookName = keyof FastifyMiroHooks
type Hooks = { readonly [Name in HookName]?: FastifyMiroHooks[Name] | undefined }
type EventOf<N extends HookName> = Parameters<NonNullable<FastifyMiroHooks[N]>>[0]

/** Runs `onReauthorize` once for each time that a grant must be connected again, in all processes together. */
export type OnReauthorizeOnce = (event: EventOf<'onReauthorize'>) => Promise<void>

/** Calls the app's hooks: each is awaited, and what it throws is logged and changes nothing. */
export class HookRunner {
  readonly #hooks: Hooks
  readonly #auth: Pick<MiroAuth, 'markReported'>
  readonly #log: FastifyBaseLogger

  constructor (hooks: Hooks, { auth, log }: { auth: Pick<MiroAuth, 'markReported'>, log: FastifyBaseLogger }) {
    this.#hooks = hooks
    this.#auth = auth
    this.#log = log
  }

  async run<N extends HookName> (name: N, event: EventOf<N>): Promise<void> {
    const hook = this.#hooks[name] as ((event: EventOf<N>) => unknown) | undefined
    try {
      await hook?.(event)
    } catch (error) {
      const log = event.request?.log ?? this.#log
      log.error({ err: error, hook: name }, 'a hook of the Miro plugin failed')
    }
  }

  /**
   * Makes an {@link OnReauthorizeOnce} for one request. A second call for a grant returns at once instead of waiting
   * for the first: it may come from the hook itself, where it uses `request.miro`, and would then wait for its own end.
   */
  onReauthorizeOnce (): OnReauthorizeOnce {
    const notified: GrantRef[] = []
    return async (event) => {
      if (notified.some((ref) => isSameGrant(ref, event.ref))) return
      notified.push(event.ref)
      if (this.#hooks.onReauthorize === undefined) return
      // A hook that sends a mail must not send one for each request: the grant's record notes that the hook has run.
      const isFirst = await this.#auth.markReported(event.ref).catch(() => false)
      if (isFirst) await this.run('onReauthorize', event)
    }
  }
}
