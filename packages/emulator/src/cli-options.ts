import { parseArgs } from 'node:util'
import { isChoice, listChoices } from './choice.js'
import { ruleChoices } from './model/token-rules.js'
import { pkceModes } from './oauth/pkce.js'
import { type EmulatorOptions, openerModes, refusalStyles } from './settings.js'
import { idStyles } from './wire/id-style.js'

/** The command line, parsed. */
export type CliRequest =
  | { kind: 'start', options: EmulatorOptions }
  | { kind: 'help' }
  | { kind: 'invalid', message: string }

export const help = `miro-emulator: a local stand-in for Miro, for development only

  --port <number>          port on loopback, 0 for any free one (default 4100)
  --dangerously-listen-on <address>
                           IP address in place of loopback, such as 0.0.0.0 in a container:
                           any caller that reaches it may act as any user
  --client-id <text>       client id of the app
  --client-secret <text>   client secret of the app
  --redirect-uri <url>     redirect URI of the app, matched exactly; repeatable
                           (default http://localhost:3000/auth/miro/callback)
  --sdk-uri <url>          the app's page that a board loads (default none)
  --redirect-uri-for-sdk <url>
                           the redirect URI of installs that Miro starts, one of them (default none)
  --scope <text>           scope of the app; repeatable (default boards:read and boards:write)
  --non-expiring           the app's tokens do not expire
  --ids <text|numbers>     how ids are written in token answers (default text)
  --refusals <envelope|rfc|bare>
                           form of the token endpoint's refusals (default envelope)
  --pkce <ignore|enforce|refuse>
                           what becomes of PKCE, which Miro does not document (default ignore)
  --authorize-opener <keep|cut>
                           whether a window that opens the authorize page keeps its handle (default keep)
  --id-token-seconds <number>
                           lifetime of the Web SDK's id tokens (default 300)
  --id-token-ids <text|numbers>
                           how ids are written in id tokens (default text)
  --reuse <refuse|revoke-family>
                           what happens when a spent refresh token is presented (default refuse)
  --reconnect <keep|replace>
                           what a second connect does to the earlier pairs (default keep)
  --revoke <pair|user>     what a revocation ends (default pair)
  --help                   this text
`

/** Reads the arguments after the command's name. A mistake is returned as a message of one line. */
export function readCliArguments (args: readonly string[]): CliRequest {
  try {
    const values = parse(args)
    if (values.help === true) return { kind: 'help' }
    return { kind: 'start', options: toOptions(values) }
  } catch (error) {
    return { kind: 'invalid', message: toOneLine(error) }
  }
}

function parse (args: readonly string[]) {
  return parseArgs({
    args: [...args],
    strict: true,
    allowPositionals: false,
    options: {
      port: { type: 'string', default: '4100' },
      'dangerously-listen-on': { type: 'string' },
      'client-id': { type: 'string' },
      'client-secret': { type: 'string' },
      'redirect-uri': { type: 'string', multiple: true },
      'sdk-uri': { type: 'string' },
      'redirect-uri-for-sdk': { type: 'string' },
      scope: { type: 'string', multiple: true },
      'non-expiring': { type: 'boolean', default: false },
      ids: { type: 'string', default: 'text' },
      refusals: { type: 'string', default: 'envelope' },
      pkce: { type: 'string', default: 'ignore' },
      'authorize-opener': { type: 'string', default: 'keep' },
      'id-token-seconds': { type: 'string', default: '300' },
      'id-token-ids': { type: 'string', default: 'text' },
      reuse: { type: 'string', default: 'refuse' },
      reconnect: { type: 'string', default: 'keep' },
      revoke: { type: 'string', default: 'pair' },
      help: { type: 'boolean', short: 'h' }
    }
  }).values
}

function toOptions (values: ReturnType<typeof parse>): EmulatorOptions {
  return {
    port: toPort(values.port),
    ...(values['dangerously-listen-on'] !== undefined && { dangerouslyListenOn: values['dangerously-listen-on'] }),
    ids: toChoice('ids', values.ids, idStyles),
    refusals: toChoice('refusals', values.refusals, refusalStyles),
    pkce: toChoice('pkce', values.pkce, pkceModes),
    authorizeOpener: toChoice('authorize-opener', values['authorize-opener'], openerModes),
    idToken: {
      lifetimeSeconds: toSeconds('id-token-seconds', values['id-token-seconds']),
      ids: toChoice('id-token-ids', values['id-token-ids'], idStyles)
    },
    rules: {
      reuse: toChoice('reuse', values.reuse, ruleChoices.reuse),
      reconnect: toChoice('reconnect', values.reconnect, ruleChoices.reconnect),
      revoke: toChoice('revoke', values.revoke, ruleChoices.revoke)
    },
    seed: {
      app: {
        clientId: values['client-id'],
        clientSecret: values['client-secret'],
        redirectUris: values['redirect-uri'],
        sdkUri: values['sdk-uri'],
        redirectUriForSdk: values['redirect-uri-for-sdk'],
        scopes: values.scope,
        expiring: !values['non-expiring']
      }
    }
  }
}

function toPort (text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535) throw new Error('--port takes a number from 0 to 65535')
  return Number(text)
}

function toSeconds (flag: string, text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new Error(`--${flag} takes a number of seconds from 1 on`)
  return Number(text)
}

function toChoice<Choice extends string> (flag: string, text: string, choices: readonly Choice[]): Choice {
  if (!isChoice(text, choices)) throw new Error(`--${flag} takes ${listChoices(choices)}`)
  return text
}

function toOneLine (error: unknown): string {
  return error instanceof Error ? error.message.split('\n', 1).join('') : 'The arguments cannot be read'
}
