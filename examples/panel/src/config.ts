import { readServerConfig, valueOf, type Environment, type ServerConfig } from '@miro-oauth/example-shared'

/** The settings of this server: those of every example, and one for who may come in. */
export interface Config extends ServerConfig {
  /** The id of the Miro team whose people may connect; `null`: those of any team. */
  onlyTeam: string | null
}

/** @throws {VariableError} a variable is missing or wrong */
export function readConfig (environment: Environment): Config {
  return { ...readServerConfig(environment), onlyTeam: valueOf(environment, 'ONLY_TEAM') ?? null }
}
