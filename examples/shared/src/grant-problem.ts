import type { ReauthorizeReason } from '@miro-oauth/fastify'

const refused = 'Miro no longer lets this app act for you here.'

const words: Record<ReauthorizeReason, string> = {
  refused,
  revoked: refused,
  access_token: refused,
  response_lost: 'An answer of Miro was lost, and the access with it.',
  unclear: 'Miro refused this app here, and did not say why.',
  no_refresh_token: 'The time for which Miro gave access is over.'
}

/** What a person is told of a grant, by its `auth.status`; `null`: all is well. Connecting again mends each of them. */
export function grantProblem ({ reason, missingScopes }: {
  reason: ReauthorizeReason | null
  missingScopes: readonly string[]
}): string | null {
  if (reason !== null) return words[reason]
  return missingScopes.length === 0 ? null : `This app lacks a right here: ${missingScopes.join(', ')}.`
}
