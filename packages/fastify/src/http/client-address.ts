import type { FastifyRequest } from 'fastify'

/**
 * What tells the clients of an app apart, to count what each of them does.
 *
 * Behind a proxy that the host's `trustProxy` does not name, every request has the proxy's address, and a limit on that
 * would be one for all. What the proxy itself wrote into `X-Forwarded-For`, its last entry, then counts too; without a
 * proxy a client may write there what it likes, and so get past a limit. With `trustProxy: true` a client chooses its
 * address in the same way: the number or the addresses of the proxies are the right value. Of an IPv6 address only the
 * network counts, since one client has all its addresses.
 */
export function clientAddress ({ ip, ips, headers }: Pick<FastifyRequest, 'ip' | 'ips' | 'headers'>): string {
  const forwarded = String(headers['x-forwarded-for'] ?? '').split(',').at(-1)?.trim() ?? ''
  const addresses = ips === undefined ? [ip, forwarded] : [ip]
  return addresses.map(toNetwork).join(' ').slice(0, 100)
}

function toNetwork (address: string): string {
  const [, ipv4] = /^::ffff:([\d.]+)$/i.exec(address) ?? []
  if (ipv4 !== undefined || !address.includes(':')) return ipv4 ?? address
  const [head = ''] = address.split('::')
  return head.split(':').slice(0, 4).join(':')
}
