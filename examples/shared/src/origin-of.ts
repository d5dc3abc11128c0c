import type { FastifyMiroOptions } from '@miro-oauth/fastify'

/** The origin of the app: that of its redirect URI, which the plugin checks when it is registered. */
export function originOf ({ redirectUri = '' }: FastifyMiroOptions): string {
  return new URL(redirectUri).origin
}
