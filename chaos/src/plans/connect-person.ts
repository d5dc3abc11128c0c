import { createMiroAuth, type Store } from '@miro-oauth/core'
import type { MiroAddress } from '../fleet/messages.js'
import { authorizeAs, exchangeCode, toAuthorizeUrl } from '../miro/code-flow.js'
import { personAt, type Person } from '../people/person.js'

/** Signs a person in from the driver's own process, and links their Miro user id to the app's user of the same id. */
export async function connectPerson (store: Store, miro: MiroAddress, index: number): Promise<Person> {
  const person = personAt(index)
  const { clientId, clientSecret, apiUrl } = miro
  const auth = createMiroAuth({ clientId, clientSecret, store, endpoints: { apiUrl } })
  const callback = new URL(await authorizeAs(toAuthorizeUrl(miro), person, fetch))
  const code = callback.searchParams.get('code') ?? ''
  await auth.connect(await exchangeCode(miro, { code, fetch }), { appUserId: person.userId })
  return person
}
