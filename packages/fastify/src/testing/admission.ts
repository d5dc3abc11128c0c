import type { Connection } from '@miro-oauth/core'

/** Signs somebody in without a browser. Returns the cookies that say so. */
export type Admission = (connection: Connection, appUserId: string | null) => Promise<Record<string, string>>

/** Where the plugin keeps its {@link Admission} on `app.miro`: reachable for code in this process that asks for it, and for nobody by name. */
export const admission = Symbol('admission')
