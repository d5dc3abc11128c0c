import type { InsideMiro } from '@miro-oauth/example-shared'

/** The paths that stand in the app's settings in Miro, beside that of the redirect URI. */
export const insideMiro: InsideMiro = { sdkPath: '/board', installPath: '/auth/miro/install' }
