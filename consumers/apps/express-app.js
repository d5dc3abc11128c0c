// The recipe for Express, in an app with one user.
import { createMiroAuth, memoryStore } from '@miro-oauth/core'
import express from 'express'
import { connectMiro } from './express.js'

const { env } = process
const auth = createMiroAuth({
  clientId: env.MIRO_CLIENT_ID,
  clientSecret: env.MIRO_CLIENT_SECRET,
  store: memoryStore(),
  endpoints: { authorizeUrl: env.MIRO_AUTHORIZE_URL, apiUrl: env.MIRO_API_URL }
})
const app = express()
app.use('/auth/miro', connectMiro({ auth, redirectUri: env.REDIRECT_URI, userOf: () => 'user-1' }))
app.listen(Number(env.PORT))
