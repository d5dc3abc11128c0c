// The recipe for MCP servers, and an MCP client of the same user in the same process.
import { fastifyMiro } from '@miro-oauth/fastify'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import Fastify from 'fastify'
import { registerMcp } from './mcp.js'

const { env } = process
const { origin } = new URL(env.REDIRECT_URI)
const app = Fastify()
await app.register(fastifyMiro, {
  clientId: env.MIRO_CLIENT_ID,
  clientSecret: env.MIRO_CLIENT_SECRET,
  redirectUri: env.REDIRECT_URI,
  cookieSecret: env.COOKIE_SECRET,
  appUserId: () => 'user-1',
  endpoints: { authorizeUrl: env.MIRO_AUTHORIZE_URL, apiUrl: env.MIRO_API_URL }
})
registerMcp(app, { origin, userOf: async () => 'user-1', resourceMetadataUrl: `${origin}/none` })
app.get('/tool', async () => {
  const client = new Client({ name: 'stranger', version: '1.0.0' })
  const requestInit = { headers: { authorization: 'Bearer a-token' } }
  await client.connect(new StreamableHTTPClientTransport(new URL('/mcp', origin), { requestInit }))
  const { content } = await client.callTool({ name: 'list_boards' })
  return content
})
await app.listen({ port: Number(env.PORT) })
