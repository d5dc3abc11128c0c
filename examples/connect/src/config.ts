import { randomBytes } from 'node:crypto'
import {
  readServerConfig, valueOf, VariableError, type Environment, type ServerConfig
} from '@miro-oauth/example-shared'

/** The settings of this server: those of every example, and two for its own users. */
export interface Config extends ServerConfig {
  /** Signs the session cookie. */
  sessionSecret: string
  /** The password of the three people of this example. */
  demoPassword: string
}

/** @throws {VariableError} a variable is missing or wrong */
export function readConfig (environment: Environment): Config {
  return {
    // Both are required with Miro. The default password is printed right here, so it must not lead to real boards.
    ...readServerConfig(environment, ['SESSION_SECRET', 'DEMO_PASSWORD']),
    sessionSecret: readSecret(environment, 'SESSION_SECRET', { minLength: 32 }) ?? randomBytes(32).toString('hex'),
    demoPassword: readSecret(environment, 'DEMO_PASSWORD', { minLength: 12 }) ?? 'demo password'
  }
}

function readSecret (environment: Environment, name: string, { minLength }: { minLength: number }): string | undefined {
  const value = valueOf(environment, name)
  if (value !== undefined && value.length < minLength) {
    throw new VariableError(`${name} must have at least ${minLength} characters.`)
  }
  return value
}
