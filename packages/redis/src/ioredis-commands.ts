import { toList, toText, toTexts, type Commands, type Server } from './commands.js'
import type { IoredisClient } from './redis-client.js'

export function ioredisCommands (client: IoredisClient): Commands {
  return {
    keyPrefix: client.options.keyPrefix ?? '',
    isCluster: client.nodes !== undefined,
    script (by, script, keys, args) {
      return client.call(by === 'sha1' ? 'evalsha' : 'eval', script, String(keys.length), ...keys, ...args)
    },
    async servers () {
      if (client.nodes === undefined) return [toServer(client, '')]
      // Before it is ready, the client knows only the nodes that it was created with. A command makes it ready.
      if (client.status !== 'ready') await client.call('info', 'memory')
      return client.nodes('master').map((node) => toServer(node, `${node.options.host}:${node.options.port}`))
    }
  }
}

function toServer (client: IoredisClient, name: string): Server {
  return {
    name,
    info: async () => toText(await client.call('info', 'memory')),
    async scan (cursor, match, count) {
      const [next, keys] = toList(await client.call('scan', cursor, 'MATCH', match, 'COUNT', String(count)))
      return { cursor: toText(next), keys: toTexts(keys) }
    }
  }
}
