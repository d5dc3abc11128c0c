import { isMiroError, type MiroAuth } from '@miro-oauth/core'
import type { Format, OldPair } from './formats.js'
import { refreshPair, RefreshError, type App } from './refresh-pair.js'

type UserId = string | number

/** Where the old app keeps the tokens of its users. The `storage` of `@mirohq/miro-api` is one. */
export interface OldStorage<State> {
  get: (userId: UserId) => Promise<State | null | undefined>
  /** `undefined` removes the user. */
  set: (userId: UserId, state: State | undefined) => Promise<void> | void
}

export interface MoveOptions<State> extends App {
  /** `app.miro.auth`, or what `createMiroAuth` returned, over the store of production. */
  auth: Pick<MiroAuth, 'adopt' | 'grants'>
  storage: OldStorage<State>
  format: Format<State>
  /** The id that the app's `appUserId` returns for a user of the Storage. Default: the same, as a text. */
  appUserId?: (userId: UserId) => string
}

/**
 * How it went for one user.
 *
 * - `moved`: the grant is in the new store, linked to the user, and no longer in the old Storage.
 * - `nothing`: the old Storage has no tokens of this user, for example since an earlier run moved them.
 * - `connected`: the old access token is dead, and the user has a grant in the new store. The old refresh token was
 *   not sent, since it may be spent, and a second use may end the grant. The old state stays.
 * - `refused`: Miro refuses both tokens, so that this user must connect again. The old state stays. Where it is
 *   everybody, the client secret may be wrong: Miro does not document how it says so.
 * - `failed`: the next run tries again. `code` is that of core's error, `STORAGE` or `REFRESH`.
 */
export type Moved =
  | { userId: UserId, outcome: Outcome }
  | { userId: UserId, outcome: 'failed', code: string }
type Outcome = 'moved' | 'nothing' | 'connected' | 'refused'

/** The old Storage failed. Without its cause: the error of a Storage may quote the tokens that it was to write. */
class StorageError extends Error {
  readonly code = 'STORAGE'

  constructor () {
    super('The old Storage failed.')
  }
}

/**
 * Moves users from the Storage of another library to our store, one after the other, without a sign-in. It can be
 * repeated, and a user who cannot be moved holds no other up.
 *
 * Stop every process of the old app first, and do not run it twice at a time: of two refreshes with the same token the
 * second may end the grant.
 *
 * @param userIds the ids of all users in the Storage, which cannot list them itself
 */
export async function * moveUsers<State> (
  userIds: Iterable<UserId> | AsyncIterable<UserId>,
  options: MoveOptions<State>
): AsyncGenerator<Moved, void, undefined> {
  for await (const userId of userIds) yield await new Move(userId, options).run()
}

/** The move of one user. */
class Move<State> {
  readonly #userId: UserId
  readonly #options: MoveOptions<State>

  constructor (userId: UserId, options: MoveOptions<State>) {
    this.#userId = userId
    this.#options = options
  }

  async run (): Promise<Moved> {
    const userId = this.#userId
    try {
      return { userId, outcome: await this.#move() }
    } catch (error) {
      const isKnown = isMiroError(error) || error instanceof StorageError || error instanceof RefreshError
      if (!isKnown) throw error
      return { userId, outcome: 'failed', code: error.code }
    }
  }

  async #move (): Promise<Outcome> {
    const { auth, format } = this.#options
    const state = await this.#read()
    if (state === null) return 'nothing'
    const pair = format.read(state)
    if (await this.#adopt(pair)) return 'moved'
    if (pair.refreshToken === null) return 'refused'
    if ((await auth.grants(this.#appUserId)).length > 0) return 'connected'
    // What is there already, written again: a Storage that takes no writes must not be found out after the refresh.
    await this.#write(state)
    const refreshed = await refreshPair(pair.refreshToken, this.#options)
    if (refreshed === null) return 'refused'
    // The only living pair is in memory now. If the old Storage does not take it, the new store may.
    await this.#write(format.replace(state, refreshed)).catch(() => {})
    if (await this.#adopt(refreshed)) return 'moved'
    throw new RefreshError()
  }

  /** `false`: Miro refuses the access token. */
  async #adopt (pair: OldPair): Promise<boolean> {
    try {
      await this.#options.auth.adopt({ ...pair, appUserId: this.#appUserId })
    } catch (error) {
      if (isMiroError(error) && error.code === 'MIRO_REAUTHORIZE') return false
      throw error
    }
    // A state that stays would bring the grant back of a user who disconnects before the next run.
    await this.#write(undefined)
    return true
  }

  get #appUserId (): string {
    const { appUserId = String } = this.#options
    return appUserId(this.#userId)
  }

  async #read (): Promise<State | null> {
    try {
      return await this.#options.storage.get(this.#userId) ?? null
    } catch {
      throw new StorageError()
    }
  }

  async #write (state: State | undefined): Promise<void> {
    try {
      await this.#options.storage.set(this.#userId, state)
    } catch {
      throw new StorageError()
    }
  }
}
