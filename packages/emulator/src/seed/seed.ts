import type { Optional } from '../optional.js'

/** The app as it is registered in Miro's settings. */
export interface RegisteredApp {
  clientId: string
  clientSecret: string
  name: string
  /** Matched by exact string comparison. */
  redirectUris: readonly string[]
  /** The app's page that a board loads, as `sdkUri` of the app manifest; null: the app has no part inside Miro. */
  sdkUri: string | null
  /** The redirect URI of installs that Miro starts, one of `redirectUris`; null: it starts none from a board. */
  redirectUriForSdk: string | null
  scopes: readonly string[]
  /** Whether access tokens expire after an hour. At Miro it is chosen once, when the app is created. */
  expiring: boolean
}

/** A person who can press "Install & authorize". Ids are 1 to 19 digits, as text. */
export interface SeedUser {
  id: string
  name: string
  /** By which a board is shared with them; without one they cannot be invited. */
  email?: string | undefined
}

/** A team in which its members can install the app. */
export interface SeedTeam {
  id: string
  name: string
  /** Ids of the users who belong to it. */
  members: readonly string[]
  /** A team without one is outside of any organization, and Miro's answers leave it out. */
  organization?: { id: string, name: string } | undefined
}

/** An item of any of the nine kinds; `content` is HTML, or the title of what has no content. */
export interface SeedItem {
  type: string
  content: string
}

/** A board that is there from the start. Its owner is a member of its team. */
export interface SeedBoard {
  id: string
  name: string
  description?: string | undefined
  teamId: string
  ownerId: string
  items?: readonly SeedItem[] | undefined
}

/** What the emulated Miro has at the start. A part that is left out gets a default that fits the other parts. */
export interface EmulatorSeed {
  app?: Optional<RegisteredApp> | undefined
  users?: readonly SeedUser[] | undefined
  teams?: readonly SeedTeam[] | undefined
  boards?: readonly SeedBoard[] | undefined
}

/** A seed with nothing left out. */
export interface CompleteSeed {
  app: RegisteredApp
  users: readonly SeedUser[]
  teams: readonly SeedTeam[]
  boards: readonly SeedBoard[]
}
