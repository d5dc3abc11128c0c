import { invalidParameters } from '../wire/envelope.js'
import { isObject } from '../wire/json-body.js'

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

/**
 * Merges the fields of `policy` into the defaults.
 *
 * @throws {MiroRefusal} 400 for a field that Miro does not know, or a value of another type
 */
export function parsePolicy (policy: unknown): BoardPolicy {
  if (policy === undefined) return defaultPolicy
  if (!isObject(policy)) throw invalidParameters('policy must be an object')
  const sections = new Map<string, unknown>(Object.entries(policy))
  return {
    permissionsPolicy: overlay(defaultPolicy.permissionsPolicy, sections.get('permissionsPolicy'), 'permissionsPolicy'),
    sharingPolicy: overlay(defaultPolicy.sharingPolicy, sections.get('sharingPolicy'), 'sharingPolicy')
  }
}

function overlay (defaults: Section, given: unknown, name: string): Section {
  if (given === undefined) return defaults
  if (!isObject(given)) throw invalidParameters(`policy.${name} must be an object`)
  const section: Record<string, string | boolean> = { ...defaults }
  for (const [field, value] of Object.entries(given) as [string, unknown][]) {
    if (!Object.hasOwn(defaults, field) || typeof value !== 'string') {
      throw invalidParameters(`policy.${name} has a field that cannot be set`)
    }
    section[field] = value
  }
  return section
}
