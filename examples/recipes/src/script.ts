import { createMiroClient } from '@miro-oauth/core'

const miro = createMiroClient({ accessToken: process.env['MIRO_ACCESS_TOKEN'] })
for await (const { id, name } of miro.boards.iterate()) console.log(id, name)
