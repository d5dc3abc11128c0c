const descriptions: ReadonlyMap<string, string> = new Map([
  ['boards:read', 'See your boards and what is on them'],
  ['boards:write', 'Create, change and delete your boards and what is on them'],
  ['boards:export', 'Export the boards of your organization'],
  ['identity:read', 'See your profile, with your email address'],
  ['identity:write', 'Change your profile'],
  ['team:read', 'See your team'],
  ['team:write', 'Change your team and who belongs to it'],
  ['microphone:listen', 'Use your microphone'],
  ['screen:record', 'Record your screen'],
  ['webcam:record', 'Use your camera'],
  ['projects:read', 'See projects and who belongs to them'],
  ['projects:write', 'Manage projects and who belongs to them'],
  ['auditlogs:read', 'Read the audit logs of your organization'],
  ['organizations:read', 'See your organization and its members'],
  ['organizations:teams:read', 'See the teams of your organization'],
  ['organizations:teams:write', 'Create, change and delete teams of your organization'],
  ['organizations:groups:read', 'See the user groups of your organization'],
  ['organizations:groups:write', 'Manage the user groups of your organization'],
  ['organization:cases:management', 'Manage the legal cases of your organization'],
  ['sessions:delete', 'Sign people in your organization out'],
  ['contentlogs:export', 'Export the content logs of your organization'],
  ['aiinteractionlogs:read', 'Read the AI interaction logs of your organization']
])

/** Describes what a scope lets the app do. Returns the scope itself if it is not known here. */
export function describeScope (scope: string): string {
  return descriptions.get(scope) ?? scope
}
