export { fastifyOauth2Format, miroApiFormat } from './formats.js'
export type { FastifyOauth2Token, Format, MiroApiState, OldPair } from './formats.js'
export { moveUsers, type Moved, type MoveOptions, type OldStorage } from './move-users.js'
