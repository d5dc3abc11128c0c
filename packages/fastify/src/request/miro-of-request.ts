import type { GrantRef, MiroClient } from '@miro-oauth/core'
import type { GrantClient } from './grant-client.js'
import type { RequestMiro } from './request-miro.js'

/** The request whose members these are. */
interface MembersOwner extends Omit<RequestMiro, keyof MiroClient | 'for'> {
  readonly client: MiroClient
  clientFor: (ref: GrantRef) => Pick<GrantClient, 'client'>
}

/**
 * `request.miro`. Each member is bound, and made when it is asked for: a request has some twenty and uses one or two.
 */
export class MiroOfRequest implements RequestMiro {
  readonly #state: MembersOwner
  readonly #client: MiroClient

  constructor (state: MembersOwner) {
    this.#state = state
    this.#client = state.client
  }

  get fetch (): RequestMiro['fetch'] { return this.#client.fetch }
  get accessToken (): RequestMiro['accessToken'] { return this.#client.accessToken }
  get boards (): RequestMiro['boards'] { return this.#client.boards }
  get board (): RequestMiro['board'] { return this.#client.board }
  get json (): RequestMiro['json'] { return this.#client.json }
  get paginate (): RequestMiro['paginate'] { return this.#client.paginate }
  get tokenContext (): RequestMiro['tokenContext'] { return this.#client.tokenContext }
  get grant (): RequestMiro['grant'] { return async () => this.#state.grant() }
  get grants (): RequestMiro['grants'] { return async (options) => this.#state.grants(options) }
  get select (): RequestMiro['select'] { return async (ref) => this.#state.select(ref) }
  get for (): RequestMiro['for'] { return (ref: GrantRef) => this.#state.clientFor(ref).client }
  get session (): RequestMiro['session'] { return async () => this.#state.session() }
  get sessions (): RequestMiro['sessions'] { return async () => this.#state.sessions() }
  get endSession (): RequestMiro['endSession'] { return async (id) => this.#state.endSession(id) }
  get endOtherSessions (): RequestMiro['endOtherSessions'] { return async () => this.#state.endOtherSessions() }
  get panelUser (): RequestMiro['panelUser'] { return async () => this.#state.panelUser() }
}
