import type { RegisteredApp } from '../seed/seed.js'

const form = 'https://miro.com/app/settings/user-profile/apps/'

/** The link to Miro's form for a new app, filled in with this one. The client id and its secret come from Miro. */
export function toAppFormLink ({ name, sdkUri, redirectUris, scopes }: RegisteredApp): string {
  const template = { appName: name, ...(sdkUri !== null && { sdkUri }), redirectUris, scopes }
  return `${form}?appTemplate=${encodeURIComponent(JSON.stringify(template))}`
}
