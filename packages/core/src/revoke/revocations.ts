import type { Clock } from '../clock.js'
import { withDeadline } from '../deadline.js'
import { ConfigError, RecordError, UnavailableError } from '../errors.js'
import type { EventSink } from '../events.js'
import type { GrantRef } from '../grant/grant.js'
import type { GrantTable } from '../grant/grant-table.js'
import { tokenState, toTokenPair, type TokenPair } from '../grant/token-pair.js'
import { classify } from '../wire/classify.js'
import type { OAuthEndpoints } from '../wire/oauth-endpoints.js'
import { judgeRevocation } from './judge-revocation.js'
import { PendingRevocation, revocationKeyPrefix, type RevocationStore } from './pending-revocation.js'

/** What revoking works with. */
interface RevocationsContext extends RevocationStore {
  table: GrantTable
  endpoint: OAuthEndpoints
  clock: Clock
  events: EventSink
  leaseMs: number
  app: SecretEvidence
}

/** What this process knows of the client secret. */
interface SecretEvidence {
  /** Refusals may be the app's own fault. */
  readonly isInDoubt: boolean
  /** Whether the secret worked since a record of this age was written. */
  secretWorkedSince: (recordAgeMs: number) => boolean
}

/**
 * `revoked`: Miro confirmed it. `dead`: Miro takes neither token, so there is nothing to revoke. `put-off`: the pair
 * may be alive. `put-off-all`: the same, and no other revocation would fare better now.
 */
type Outcome = 'revoked' | 'dead' | 'put-off' | 'put-off-all'

/** What is known beside the pair. */
interface Circumstances {
  /** Whether its refresh token may be sent: not where another process may be sending it. */
  mayRefresh: boolean
  /** How long the record had stood when this try began. */
  ageMs: number
  /** Resolves when the record is written, or when that takes too long. */
  kept: Promise<void>
}

/** How long a refresh waits for the record of the pair that it spends. */
const keepWaitMs = 1000

/** Has Miro revoke the pairs of grants that ended here, and tries again what Miro did not confirm. */
export class Revocations {
  readonly #context: RevocationsContext

  constructor (context: RevocationsContext) {
    this.#context = context
  }

  /**
   * Revokes a pair whose grant has ended. Returns whether Miro confirmed it; where it did not, and the pair may be
   * alive, a later run of {@link retry} goes on.
   *
   * The record is written while Miro is asked, so that it outlives this process, and before the refresh token is sent.
   * A store that does not answer holds neither up for long.
   */
  async revoke (ref: GrantRef, pair: TokenPair, { mayRefresh }: Pick<Circumstances, 'mayRefresh'>): Promise<boolean> {
    const { clock, events } = this.#context
    const pending = PendingRevocation.begin(this.#context, { ref, pair })
    const keeping = pending.keep()
    const kept = withDeadline(keeping, { clock, ms: keepWaitMs, late: () => new UnavailableError() }).catch(() => {})
    const outcome = await this.#ask(pending, { mayRefresh, ageMs: 0, kept })
    await keeping
    if (outcome === 'revoked' || outcome === 'dead') {
      await pending.remove()
      return outcome === 'revoked'
    }
    if (!pending.isStored) await pending.keep()
    if (pending.isStored) events.emitFor(ref, { type: 'revocation_pending' })
    return false
  }

  /** Keys of what was put off, a page at a time. @throws {ConfigError} the store has no `scan` @throws {StoreError} */
  async page (page: { limit: number, cursor?: string }): Promise<{ keys: string[], cursor?: string | undefined }> {
    const { store, clientId } = this.#context
    if (store.scan === undefined) throw new ConfigError('refreshDue needs a store with the method scan.')
    return store.scan({ ...page, prefix: revocationKeyPrefix(clientId), expiresBefore: null })
  }

  /**
   * Tries again what was put off. `null`: it is done already. A record that was written less than a lease ago is left
   * to its process.
   *
   * @throws {StoreError}
   * @throws {RecordError} it was sealed under another client secret: it stays until it expires
   */
  async retry (key: string): Promise<Outcome | null> {
    const found = await PendingRevocation.read(this.#context, key)
    if (found === null) return null
    const { pending, ageMs } = found
    if (ageMs <= this.#context.leaseMs || !await pending.renew()) return 'put-off'
    if (await this.#isConnected(pending)) return 'put-off'
    const outcome = await this.#ask(pending, { mayRefresh: true, ageMs, kept: Promise.resolve() })
    if (outcome === 'revoked' || outcome === 'dead') await pending.remove()
    return outcome
  }

  /** Miro revokes by access token only: an expired one is refreshed once, and the result revoked. */
  async #ask (pending: PendingRevocation, circumstances: Circumstances): Promise<Outcome> {
    const { clock, endpoint } = this.#context
    const { pair } = pending.revocation
    if (tokenState(pair, clock.now()) !== 'expired') {
      const answer = judgeRevocation(await endpoint.revoke(pair.accessToken))
      if (answer === 'revoked' || answer === 'put-off' || answer === 'put-off-all') return answer
      if (pair.refreshToken === null) return answer === 'unknown' ? 'dead' : 'put-off'
    }
    if (pair.refreshToken === null) return 'dead'
    return circumstances.mayRefresh ? this.#refreshAndRevoke(pending, pair.refreshToken, circumstances) : 'put-off'
  }

  async #refreshAndRevoke (
    pending: PendingRevocation, refreshToken: string, { ageMs, kept }: Circumstances
  ): Promise<Outcome> {
    const { endpoint, clock, app } = this.#context
    await kept
    if (!await pending.renew()) return 'put-off'
    const sentAt = clock.now()
    const verdict = classify(await endpoint.refresh(refreshToken), clock.now())
    switch (verdict.kind) {
      case 'ok': {
        const pair = toTokenPair(verdict.answer, sentAt, refreshToken)
        await pending.keep(pair)
        if (await this.#isConnected(pending)) return 'put-off'
        const answer = judgeRevocation(await endpoint.revoke(pair.accessToken))
        return answer === 'revoked' || answer === 'put-off-all' ? answer : 'put-off'
      }
      case 'rejected': return 'dead'
      // Miro may say no more of a dead token. The secret is not to blame if it worked lately.
      case 'unclear': return !app.isInDoubt && app.secretWorkedSince(ageMs) ? 'dead' : 'put-off'
      case 'not-sent': case 'throttled': return 'put-off-all'
      default: return 'put-off'
    }
  }

  /** Miro may revoke all pairs of a user: nothing is sent while the person has connected again. */
  async #isConnected ({ revocation: { ref } }: PendingRevocation): Promise<boolean> {
    return this.#context.table.read(ref).then(({ record }) => record?.status === 'active', (error: unknown) => {
      // A record that cannot be read may be a grant that lives. A store that is down says nothing.
      return error instanceof RecordError
    })
  }
}
