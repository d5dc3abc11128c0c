import { systemErrorCode } from './system-error.js'

const isUntrusted = 'Its certificate is of an authority that is not trusted here: name that one in NODE_EXTRA_CA_CERTS.'
const isReadOnly = 'It may only be read: name the primary.'
const isStarting = 'It is starting or stopping: start again in a moment.'
const isFull = 'Its disk is full.'

/** What to do about the codes that servers and connections give. */
const remedies: Record<string, string> = {
  25006: isReadOnly,
  READONLY: isReadOnly,
  STALE_READ: 'It does not have what was just written: name the primary, and set the clocks by NTP.',
  SQLITE_READONLY: 'The file or its folder may only be read.',
  SQLITE_BUSY: 'Another process keeps the file locked.',
  SQLITE_FULL: isFull,
  SQLITE_IOERR: 'Its disk fails to read or write.',
  SQLITE_CORRUPT: 'The file is damaged.',
  SQLITE_NOTADB: 'The file is no SQLite database: name another one.',
  SQLITE_CANTOPEN: 'May this process write to the folder of the file?',
  OOM: 'It is full: raise its maxmemory.',
  MISCONF: 'It cannot write to its disk.',
  LOADING: isStarting,
  MOVED: 'It is a node of a Redis Cluster, and this connects to a single server.',
  NOREPLICAS: 'It has fewer replicas than it wants for a write.',
  '42P01': 'Its table is missing: run migrate() of @miro-oauth/postgres.',
  42501: 'Its user may not create or use the table: grant the right.',
  '3F000': 'The search_path of its user names no schema that exists.',
  '57P03': isStarting,
  53100: isFull,
  57014: 'It took longer than its timeout: does a new index of a large table have to be made before the start?',
  '3D000': 'There is no such database: create it, or name another one.',
  '28P01': 'User or password are wrong.',
  28000: 'It does not let this user in: name another one, or connect by TLS (?sslmode=verify-full).',
  53300: 'All its connections are taken.',
  DEPTH_ZERO_SELF_SIGNED_CERT: isUntrusted,
  SELF_SIGNED_CERT_IN_CHAIN: isUntrusted,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: isUntrusted,
  CERT_HAS_EXPIRED: 'Its certificate has expired.',
  ERR_SSL_WRONG_VERSION_NUMBER: 'It does not speak TLS there.',
  ERR_TLS_CERT_ALTNAME_INVALID: 'Its certificate is for another name: use that one.',
  WRONGPASS: 'User or password are wrong.',
  NOAUTH: 'It wants a password.',
  NOPERM: 'Its user may not run the commands that the README of @miro-oauth/redis lists.'
}

/** The line for a store that cannot be used, with what to do about it. */
export function unusableStore (error: unknown): string {
  const reason = reasonOf(error)
  return `STORE_URL: the store cannot be used (${reason}). ${remedies[reason] ?? 'Is it running, and is the address right?'}`
}

/** A word for the log that holds no address and no password. */
export function reasonOf (error: unknown): string {
  return systemErrorCode(error) || 'no answer that makes sense'
}
