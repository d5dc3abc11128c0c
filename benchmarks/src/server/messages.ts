/** The message of a server that listens. */
export interface Ready {
  port: number
  cookie: string
}

/** Asks a server how much processor time it has used. */
export const question = 'usage'

export function isQuestion (message: unknown): boolean {
  return message === question
}

export function isReady (message: unknown): message is Ready {
  return isObject(message) && typeof message['port'] === 'number' && typeof message['cookie'] === 'string'
}

export function isUsage (message: unknown): message is NodeJS.CpuUsage {
  return isObject(message) && typeof message['user'] === 'number' && typeof message['system'] === 'number'
}

function isObject (message: unknown): message is Record<string, unknown> {
  return typeof message === 'object' && message !== null
}
