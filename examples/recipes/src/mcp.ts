import { randomUUID } from 'node:crypto'
import { isMiroError, NotConnectedError, type MiroClient } from '@miro-oauth/fastify'
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js'
import { UrlElicitationRequiredError, type CallToolResult } from '@modelcontextprotocol/sdk/types.js'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'

export interface McpOptions {
  /** The app's own, as its people's browsers know it. */
  origin: string
  /**
   * The id of the user whose MCP client sent this access token, which your own authorization server issued for this
   * server; `null`: it is none of these. The same id as the plugin's `appUserId`.
   */
  userOf: (accessToken: string) => Promise<string | null>
  /** Where an MCP client learns which authorization server that is (RFC 9728). */
  resourceMetadataUrl: string
}

/** Adds `/mcp`, whose tools act in Miro for the user who calls them. The plugin is registered with `appUserId`. */
export function registerMcp (app: FastifyInstance, { origin, userOf, resourceMetadataUrl }: McpOptions): void {
  // What a page of another site sends (DNS rebinding): MCP clients that are no pages send no Origin.
  const onRequest = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> => {
    return (request.headers.origin ?? origin) === origin ? undefined : reply.code(403).send()
  }
  app.post('/mcp', { onRequest }, async (request, reply) => {
    const [, sent] = /^bearer +(\S.*)$/i.exec(request.headers.authorization ?? '') ?? []
    const user = sent !== undefined && /^[\w.~+/-]+=*$/.test(sent) ? await userOf(sent) : null
    if (!user) {
      // For a token that was refused, and not without one (RFC 6750, section 3.1): the client asks for another.
      const error = sent === undefined ? '' : 'error="invalid_token", '
      return reply.code(401).header('www-authenticate', `Bearer ${error}resource_metadata="${resourceMetadataUrl}"`).send()
    }
    // One server and one transport for each request, without a session: any process may answer any request.
    const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: true })
    await createServer((act) => forUser(app, { user, origin, act })).connect(transport)
    const { url, method, headers, body } = request
    const asWeb = new Request(new URL(url, origin), { method, headers: headers as Record<string, string> })
    return transport.handleRequest(asWeb, { parsedBody: body })
  })
  // Without sessions there is nothing to listen to and nothing to end: an MCP client asks, and goes on at a 405.
  app.route({ method: ['GET', 'DELETE'], url: '/mcp', onRequest, handler: (_request, reply) => reply.code(405).header('allow', 'POST').send() })
  app.get('/mcp/connected', async () => 'Miro is connected. Go back to your MCP client, and let it try again.')
}

type Act = (miro: MiroClient) => Promise<unknown>

function createServer (run: (act: Act) => Promise<CallToolResult>): McpServer {
  const server = new McpServer({ name: 'boards', version: '1.0.0' })
  server.registerTool('list_boards', { description: 'Lists the Miro boards of the user.' }, () => run((miro) => miro.boards.list()))
  server.registerTool('add_note', {
    description: 'Adds a sticky note to a Miro board.',
    inputSchema: { boardId: z.string().min(1), text: z.string().max(6000) }
  }, ({ boardId, text }) => run((miro) => miro.board(boardId).stickyNotes.create({ data: { content: text } })))
  return server
}

async function forUser (app: FastifyInstance, { user, origin, act }: {
  user: string
  origin: string
  act: Act
}): Promise<CallToolResult> {
  try {
    const [newest] = await app.miro.clientsOf(user)
    if (newest === undefined) throw new NotConnectedError()
    return { content: [{ type: 'text', text: JSON.stringify(await act(newest.client)) }] }
  } catch (error) {
    if (!isMiroError(error) || error.statusCode >= 500) app.log.error({ err: error }, 'a tool failed')
    // The client is told the message, and an error of the app's own, such as its database's, may hold anything.
    if (!isMiroError(error)) throw new Error('The tool failed.')
    throw error.code === 'MIRO_REAUTHORIZE' || error.code === 'MIRO_NOT_CONNECTED' ? connectFirst(app, origin) : error
  }
}

/**
 * Has the MCP client ask its user to open the plugin's login (URL elicitation). No token of Miro's passes through MCP,
 * and the URL names no user: the grant is linked to the user who is signed in to the app in the browser that opens it.
 * If somebody else is made to open it, their Miro is connected for themselves, and not for the user who sent the URL.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/client/elicitation#phishing
 */
function connectFirst (app: FastifyInstance, origin: string): UrlElicitationRequiredError {
  const url = new URL(app.miro.loginUrl({ returnTo: '/mcp/connected' }), origin).href
  const message = 'Connect your Miro account to go on.'
  const elicitation = { mode: 'url' as const, elicitationId: randomUUID(), url, message }
  // A client that knows no elicitation shows the words of the error.
  return new UrlElicitationRequiredError([elicitation], `${message} Open ${url}, then call the tool again.`)
}
