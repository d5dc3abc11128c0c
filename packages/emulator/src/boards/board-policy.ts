import { closedObject, object, type Rule, toFields } from '../fields/rule.js'
import { choice } from '../fields/values.js'

type Section = Readonly<Record<string, string | boolean>>

/** The policies of a board. The emulator stores and shows them, but does not enforce them. */
export interface BoardPolicy {
  permissionsPolicy: Section
  sharingPolicy: Section
}

export const defaultPolicy: BoardPolicy = {
  permissionsPolicy: {
    collaborationToolsStartAccess: 'all_editors',
    copyAccess: 'anyone',
    sharingAccess: 'team_members_with_editing_rights'
  },
  sharingPolicy: {
    access: 'private',
    accessPasswordRequired: false,
    inviteToAccountAndBoardLinkAccess: 'no_access',
    organizationAccess: 'private',
    teamAccess: 'private'
  }
}

const access = choice(['private', 'view', 'comment', 'edit'])

const sections = {
  permissionsPolicy: {
    collaborationToolsStartAccess: choice(['all_editors', 'board_owners_and_coowners']),
    copyAccess: choice(['anyone', 'team_members', 'team_editors', 'board_owner']),
    sharingAccess: choice(['team_members_with_editing_rights', 'owner_and_coowners'])
  },
  sharingPolicy: {
    access,
    inviteToAccountAndBoardLinkAccess: choice(['viewer', 'commenter', 'editor', 'no_access']),
    organizationAccess: access,
    teamAccess: access
  }
}

/** The fields of a policy that can be set: all but `accessPasswordRequired`. */
export const policyRule: Rule = object({
  permissionsPolicy: closedObject(sections.permissionsPolicy),
  sharingPolicy: closedObject(sections.sharingPolicy)
})

/** Lays the fields of a policy that the rule has accepted over another one. */
export function overlayPolicy (current: BoardPolicy, policy: unknown): BoardPolicy {
  const given = toFields(policy)
  return {
    permissionsPolicy: overlay(current.permissionsPolicy, given['permissionsPolicy'], sections.permissionsPolicy),
    sharingPolicy: overlay(current.sharingPolicy, given['sharingPolicy'], sections.sharingPolicy)
  }
}

function overlay (current: Section, given: unknown, settable: Readonly<Record<string, Rule>>): Section {
  const changes = Object.entries(toFields(given)).filter(([name]) => Object.hasOwn(settable, name))
  return { ...current, ...Object.fromEntries(changes.map(([name, value]) => [name, String(value)])) }
}
