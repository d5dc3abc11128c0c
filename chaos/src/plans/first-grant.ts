import { createMiroAuth, type Store } from '@miro-oauth/core'
import type { MiroAddress } from '../fleet/messages.js'
import { personAt, type Person } from '../people/person.js'

/** Signs somebody in from the driver's own process, and links them to a user of the app with their Miro user id. */
export async function signInFirst (store: Store, miro: MiroAddress, index: number): Promise<Person> {
  const person = personAt(index)
  const auth = createMiroAuth({ clientId: miro.clientId, clientSecret: miro.clientSecret, store, endpoints: { apiUrl: miro.apiUrl } })
  const query = new URLSearchParams({ response_type: 'code', client_id: miro.clientId, redirect_uri: miro.redirectUri })
  const membership = new URLSearchParams({ decision: 'authorize', membership: `${person.userId}/${person.teamId}` })
  const page = await fetch(`${miro.authorizeUrl}?${query}`, { method: 'POST', redirect: 'manual', body: membership })
  const code = new URL(page.headers.get('location') ?? '').searchParams.get('code') ?? ''
  const { clientId, clientSecret, redirectUri } = miro
  const answer = await fetch(`${miro.apiUrl}/v1/oauth/token`, {
    method: 'POST',
    body: new URLSearchParams({ grant_type: 'authorization_code', client_id: clientId, client_secret: clientSecret, redirect_uri: redirectUri, code })
  })
  await auth.connect(await answer.text(), { appUserId: person.userId })
  return person
}
