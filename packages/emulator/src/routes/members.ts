import { touch } from '../boards/board-contents.js'
import { toBoardUrl, toMemberJson } from '../boards/board-view.js'
import { readFields } from '../fields/read-fields.js'
import { list, object, required } from '../fields/rule.js'
import { choice, text } from '../fields/values.js'
import { type Role, roles } from '../members/role.js'
import { readOffsetQuery, toOffsetPage } from '../operations/offset-page.js'
import { type BoardCall, onBoard, type Operation, paramOf, readScope, writeScope } from '../operations/operation.js'
import { invalidParameters, notFound } from '../wire/envelope.js'
import type { JsonObject } from '../wire/json-text.js'

const all = '/:board_id/members'
const one = `${all}/:board_member_id`

export const memberOperations: readonly Operation[] = [
  { method: 'POST', path: all, scope: writeScope, level: 'level3', status: 201, handle: onBoard(share) },
  { method: 'GET', path: all, scope: readScope, level: 'level1', handle: onBoard(listMembers) },
  { method: 'GET', path: one, scope: readScope, level: 'level1', handle: onBoard(getMember) },
  { method: 'PATCH', path: one, scope: writeScope, level: 'level2', handle: onBoard(changeRole) },
  { method: 'DELETE', path: one, scope: writeScope, level: 'level2', handle: onBoard(removeMember) }
]

const inviteRule = object({
  emails: required(list(text({ min: 1 }), { min: 1, max: 20 })), role: choice(roles), message: text()
})
const roleRule = object({ role: choice(roles) })

/**
 * Only seeded people can be invited, by their e-mail addresses, and only a change of role makes another owner. The ids
 * in the answer are bare 64-bit numbers.
 */
function share ({ board, miro, request, stamp }: BoardCall): JsonObject {
  const { emails, role } = readFields(request, inviteRule, true)
  const invited = (Array.isArray(emails) ? emails.map(String) : [])
    .map((email) => ({ email, user: miro.directory.userByEmail(email) }))
  const found = invited.flatMap(({ user }) => user === undefined || board.roles.has(user.id) ? [] : [user.id])
  const given = toRole(role) === 'owner' ? 'coowner' : toRole(role)
  board.roles = new Map([...board.roles, ...found.map((userId) => [userId, given] as const)])
  touch(board, stamp)
  return {
    successful: invited.flatMap(({ user }) => user === undefined ? [] : [BigInt(user.id)]),
    failed: invited.flatMap(({ email, user }) =>
      user === undefined ? [{ email, reason: 'No person has this address' }] : [])
  }
}

function listMembers ({ board, query, viewer }: BoardCall): JsonObject {
  return toOffsetPage([...board.roles], readOffsetQuery(query), {
    url: `${toBoardUrl(board, viewer)}/members`,
    toJson: ([userId, role]) => toMemberJson(userId, role, viewer.directory)
  })
}

function getMember (call: BoardCall): JsonObject {
  return toSingleJson(call, findMember(call))
}

/** Another owner takes the place of the one before, who becomes a co-owner. */
function changeRole (call: BoardCall): JsonObject {
  const { board, request, stamp } = call
  const userId = findMember(call)
  const role = toRole(readFields(request, roleRule, false)['role'])
  if (userId === board.ownerId && role !== 'owner') throw invalidParameters('The role of the owner cannot be changed')
  const before = role === 'owner' && userId !== board.ownerId ? [[board.ownerId, 'coowner'] as const] : []
  board.roles = new Map([...board.roles, ...before, [userId, role]])
  if (role === 'owner') board.ownerId = userId
  touch(board, stamp)
  return toSingleJson(call, userId)
}

function removeMember (call: BoardCall): null {
  const { board, stamp } = call
  const userId = findMember(call)
  if (userId === board.ownerId) throw invalidParameters('The owner cannot be removed')
  board.roles = new Map([...board.roles].filter(([id]) => id !== userId))
  touch(board, stamp)
  return null
}

/** Miro's document has `commenter` where a body names no role. */
function toRole (value: unknown): Role {
  return roles.find((role) => role === value) ?? 'commenter'
}

function findMember (call: BoardCall): string {
  const userId = paramOf(call, 'board_member_id')
  if (!call.board.roles.has(userId)) throw notFound('Member not found')
  return userId
}

function toSingleJson ({ board, viewer }: BoardCall, userId: string): JsonObject {
  const self = `${toBoardUrl(board, viewer)}/members/${userId}`
  return { ...toMemberJson(userId, board.roles.get(userId) ?? 'commenter', viewer.directory), links: { self } }
}
