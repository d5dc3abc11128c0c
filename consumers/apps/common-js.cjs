// The ten lines of the README, in a project that is CommonJS.
const Fastify = require('fastify')
const { fastifyMiro } = require('@miro-oauth/fastify')

const { env } = process
const app = Fastify()
app.register(fastifyMiro, {
  clientId: env.MIRO_CLIENT_ID,
  clientSecret: env.MIRO_CLIENT_SECRET,
  redirectUri: env.REDIRECT_URI,
  cookieSecret: env.COOKIE_SECRET,
  endpoints: { authorizeUrl: env.MIRO_AUTHORIZE_URL, apiUrl: env.MIRO_API_URL }
})
app.get('/boards', { config: { miro: { required: true } } }, (request) => request.miro.boards.list())
app.listen({ port: Number(env.PORT) })
