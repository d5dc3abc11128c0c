// The recipe for Next.js, whose route handlers take a Request and return a Response, behind node:http.
import { createServer } from 'node:http'
import { createMiroAuth, memoryStore } from '@miro-oauth/core'
import { connectMiro } from './connect-miro.js'

const { env } = process
const auth = createMiroAuth({
  clientId: env.MIRO_CLIENT_ID,
  clientSecret: env.MIRO_CLIENT_SECRET,
  store: memoryStore(),
  endpoints: { authorizeUrl: env.MIRO_AUTHORIZE_URL, apiUrl: env.MIRO_API_URL }
})
const { GET } = connectMiro({
  miro: () => ({ auth, redirectUri: env.REDIRECT_URI }),
  userOf: async () => 'user-1',
  after: () => {}
})
createServer(async ({ url, headers }, outgoing) => {
  const response = await GET(new Request(new URL(url, env.REDIRECT_URI), { headers }))
  outgoing.writeHead(response.status, Object.fromEntries(response.headers)).end(await response.text())
}).listen(Number(env.PORT))
