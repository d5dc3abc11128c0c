import type { FastifyMiroOptions } from '@miro-oauth/fastify'

/**
 * Fastify's option `trustProxy`. https ends at a proxy, whose `X-Forwarded-Proto` must be trusted, since
 * `@fastify/session` sets no Secure cookie on plain http, and whose `X-Forwarded-For` tells clients apart. Trusted are
 * proxies on the same machine or a private network.
 */
export function trustedProxies ({ redirectUri = '' }: FastifyMiroOptions): string | false {
  return /^https:/i.test(redirectUri) ? 'loopback, linklocal, uniquelocal' : false
}
