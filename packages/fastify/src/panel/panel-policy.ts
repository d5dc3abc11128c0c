/** Directives that say which scripts may load; the first that a policy has counts for a script element. */
const scriptDirectives = ['script-src-elem', 'script-src']

/**
 * The Content-Security-Policy of a page for Miro's iframe: Miro may frame it, and it may load the Web SDK from Miro.
 * What the host allows beside that stays as it is.
 *
 * @param given the host's header, which may hold several policies; all of them are in force
 * @param miroOrigin where Miro's pages are
 * @see https://www.w3.org/TR/CSP3/#directive-frame-ancestors
 */
export function toPanelPolicy (given: string | undefined, miroOrigin: string): string {
  const policies = (given ?? '').split(',').map((policy) => policy.trim()).filter((policy) => policy !== '')
  return (policies.length === 0 ? [''] : policies).map((policy) => toOnePolicy(policy, miroOrigin)).join(', ')
}

function toOnePolicy (policy: string, miroOrigin: string): string {
  const named = new Map<string, string[]>()
  for (const [name = '', ...sources] of policy.split(';').map((directive) => directive.trim().split(/\s+/))) {
    // Of directives of one name the first counts.
    if (name !== '' && !named.has(name.toLowerCase())) named.set(name.toLowerCase(), sources)
  }
  named.set('frame-ancestors', miroOrigin === 'https://miro.com' ? [miroOrigin, 'https://*.miro.com'] : [miroOrigin])
  const directive = scriptDirectives.find((name) => named.has(name)) ?? 'script-src'
  const sources = named.get(directive) ?? named.get('default-src')
  if (sources !== undefined) named.set(directive, [...sources.filter((source) => source !== "'none'"), miroOrigin])
  return Array.from(named, ([name, sources]) => [name, ...sources].join(' ')).join('; ')
}
