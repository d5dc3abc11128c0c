import type { Directory, Membership } from '../seed/directory.js'

/** A person's decision on the authorize page. */
export type AuthorizeDecision =
  | { kind: 'authorized', membership: Membership }
  | { kind: 'declined' }
  | { kind: 'incomplete', message: string }

/** The form's radio value for one person in one team. */
export function toMembershipValue ({ user, team }: Membership): string {
  return `${user.id}/${team.id}`
}

/** Whom the authorize page preselects: of the asked-for team and person those that exist, or the first of all. */
export function findPreselected (memberships: readonly Membership[], { teamId, userId }: {
  teamId: string | null
  userId: string | null
}): Membership | undefined {
  const isInTeam = ({ team }: Membership) => team.id === teamId
  const isPerson = ({ user }: Membership) => user.id === userId
  return memberships.find((membership) => isInTeam(membership) && isPerson(membership)) ??
    memberships.find(isInTeam) ?? memberships.find(isPerson) ?? memberships[0]
}

export function readAuthorizeDecision (form: URLSearchParams, directory: Directory): AuthorizeDecision {
  const decision = form.get('decision')
  if (decision === 'decline') return { kind: 'declined' }
  if (decision !== 'authorize') return { kind: 'incomplete', message: 'Press one of the two buttons.' }
  const [userId = '', teamId = ''] = (form.get('membership') ?? '').split('/')
  const membership = directory.membership(userId, teamId)
  if (membership === undefined) return { kind: 'incomplete', message: 'Choose who you are, and in which team.' }
  return { kind: 'authorized', membership }
}
