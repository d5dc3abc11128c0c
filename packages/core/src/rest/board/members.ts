import { BadResponseError } from '../../errors.js'
import { isJsonObject } from '../../wire/lossless-json.js'
import { toId } from '../../wire/token-answer.js'
import { eachItem, toItem, type ApiCall } from '../api-call.js'
import type { CallOptions } from '../json-request.js'
import type { Fields, Open } from './parts.js'

export type BoardRole = Open<'viewer' | 'commenter' | 'editor' | 'coowner' | 'owner'>
export interface BoardMember extends Fields {
  id: string
  name: string
  role?: BoardRole | undefined
  type: string
}
/** Who is to have access. */
export interface Invitation {
  /** 1 to 20 addresses. */
  emails: readonly string[]
  /** Default `commenter`. */
  role?: BoardRole | undefined
  /** Stands in the mail. */
  message?: string | undefined
}
/** Which of the addresses that a board was shared with got an invitation. */
export interface InvitationResult {
  /** The ids of those who were invited. */
  successful: string[]
  failed: Array<{ email?: string, reason?: string } & Fields>
}

/** @see https://developers.miro.com/reference/share-board */
export interface Members {
  /** @param query.limit how many a page has: 1 to 50 */
  iterate: (
    query?: { limit?: number | undefined }, options?: CallOptions
  ) => AsyncGenerator<BoardMember, void, undefined>
  share: (invitation: Invitation, options?: CallOptions) => Promise<InvitationResult>
  get: (memberId: string, options?: CallOptions) => Promise<BoardMember>
  update: (memberId: string, changes: { role: BoardRole }, options?: CallOptions) => Promise<BoardMember>
  remove: (memberId: string, options?: CallOptions) => Promise<void>
}

/** Makes {@link Members} of a board. */
export function createMembers ({ send, run, iterate }: ApiCall, boardId: string): Members {
  return {
    iterate: (query = {}, options) => {
      return eachItem<BoardMember>(iterate('get-board-members', { ids: [boardId], query: { ...query }, options }))
    },
    async share (body, options) {
      return toInvitationResult(await send('share-board', { ids: [boardId], body, options }))
    },
    async get (memberId, options) {
      return toItem<BoardMember>(await send('get-specific-board-member', { ids: [boardId, memberId], options }))
    },
    async update (memberId, body, options) {
      return toItem<BoardMember>(await send('update-board-member', { ids: [boardId, memberId], body, options }))
    },
    async remove (memberId, options) {
      await run('remove-board-member', { ids: [boardId, memberId], options })
    }
  }
}

/** Miro sends ids as numbers here. @throws {BadResponseError} one is not exact */
function toInvitationResult ({ successful = [], failed = [] }: Record<string, unknown>): InvitationResult {
  if (!Array.isArray(successful) || !Array.isArray(failed)) throw new BadResponseError()
  const ids = successful.map(toId)
  if (!ids.every((id) => id !== null)) throw new BadResponseError()
  return { successful: ids, failed: failed.filter(isJsonObject) }
}
