/** Where the records of a measurement are. */
export type BackendKind = 'memory' | 'redis' | 'postgres' | 'sqlite'

/** What a child process needs to open a backend. */
export interface BackendAddress {
  kind: BackendKind
  /** Empty for those without a server. */
  url: string
}
