// A script on core alone: it takes over tokens and lists boards.
import { createMiroAuth, memoryStore } from '@miro-oauth/core'

const { env } = process
const auth = createMiroAuth({
  clientId: env.MIRO_CLIENT_ID,
  clientSecret: env.MIRO_CLIENT_SECRET,
  store: memoryStore(),
  endpoints: { apiUrl: env.MIRO_API_URL }
})
const { grant } = await auth.connect(env.MIRO_TOKEN_ANSWER, { appUserId: 'user-1' })
for await (const board of auth.client(grant).boards.iterate()) console.log(board.name)
await auth.close()
