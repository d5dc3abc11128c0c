import { ReauthorizeError } from '../errors.js'
import type { Grant } from './grant.js'
import { toGrant } from './grant-record.js'
import type { StoredGrant } from './grant-table.js'
import { reasonAfter, restsAfterUnclearRefusal } from './record-states.js'
import { tokenState } from './token-pair.js'

/** A grant as one look at the store saw it. Opaque: hand it to a client to spare that the same look. */
export interface GrantSnapshot {
  /** The active grant; `null` where there is none. */
  readonly grant: Grant | null
  /** The grant that Miro ended: who, where and since when, so that its person can be asked to connect it again. `null` where there is none. */
  readonly ended: Grant | null
  /** The consent of a grant that is or was accepted by Miro; `null` after a disconnect. */
  readonly consentId: string | null
  /** Set when Miro refused the grant, or while its access token is over and its refresh token in doubt. */
  readonly reauthorize: ReauthorizeError | null
  /** Whether the access token is no longer usable, so that the next call will refresh it. */
  readonly isExpired: boolean
}

/** The snapshot's own side: what was seen stays private, for it holds the tokens. */
export class Snapshot implements GrantSnapshot {
  readonly #stored: StoredGrant
  readonly #now: number

  constructor (stored: StoredGrant, now: number) {
    this.#stored = stored
    this.#now = now
  }

  /** What a snapshot saw; `undefined` for anything that is none of ours. */
  static storedIn (snapshot: GrantSnapshot | undefined): StoredGrant | undefined {
    return snapshot instanceof Snapshot ? snapshot.#stored : undefined
  }

  get grant (): Grant | null {
    const { record } = this.#stored
    return record?.status === 'active' ? toGrant(record) : null
  }

  get ended (): Grant | null {
    const { record } = this.#stored
    return record?.status === 'rejected' ? toGrant(record) : null
  }

  get consentId (): string | null {
    const { record } = this.#stored
    return record === null || record.status === 'disconnected' ? null : record.consentId
  }

  get reauthorize (): ReauthorizeError | null {
    const { record } = this.#stored
    if (record?.status === 'rejected') return new ReauthorizeError(record.reason)
    return this.isExpired && record?.status === 'active' && restsAfterUnclearRefusal(record, this.#now)
      ? new ReauthorizeError(reasonAfter(record.refresh.answerLost, 'unclear'))
      : null
  }

  get isExpired (): boolean {
    const { record } = this.#stored
    return record?.status === 'active' && tokenState(record.pair, this.#now) === 'expired'
  }
}
