import { fastifyMiro } from '@miro-oauth/fastify'
import fp from 'fastify-plugin'

const { env } = process

export default fp(async (fastify) => {
  await fastify.register(fastifyMiro, {
    clientId: env.MIRO_CLIENT_ID,
    clientSecret: env.MIRO_CLIENT_SECRET,
    redirectUri: env.REDIRECT_URI,
    cookieSecret: env.COOKIE_SECRET,
    endpoints: { authorizeUrl: env.MIRO_AUTHORIZE_URL, apiUrl: env.MIRO_API_URL }
  })
})
