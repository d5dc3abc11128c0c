import { toText, toTexts, type Commands, type Server } from './commands.js'
import type { NodeRedisClient } from './redis-client.js'

/** The part of a node-redis Cluster that names its masters and reaches each of them. */
interface NodeRedisCluster {
  masters: ReadonlyArray<{ address: string }>
  nodeClient: (node: { address: string }) => Promise<NodeRedisClient>
}

export function nodeRedisCommands (client: NodeRedisClient): Commands {
  return {
    keyPrefix: keyPrefixOf(client),
    isCluster: isCluster(client),
    script (by, script, keys, args) {
      const options = { keys: [...keys], arguments: args }
      return by === 'sha1' ? client.evalSha(script, options) : client.eval(script, options)
    },
    servers: async () => isCluster(client)
      ? client.masters.map((node) => toServer(() => client.nodeClient(node), node.address))
      : [toServer(async () => client, '')]
  }
}

function toServer (connect: () => Promise<NodeRedisClient>, name: string): Server {
  return {
    name,
    info: async () => toText(await (await connect()).info('memory')),
    async scan (from, match, count) {
      const { cursor, keys } = await (await connect()).scan(from, { MATCH: match, COUNT: count })
      return { cursor: toText(cursor), keys: toTexts(keys) }
    }
  }
}

function isCluster (client: NodeRedisClient): client is NodeRedisClient & NodeRedisCluster {
  return client.masters !== undefined && client.nodeClient !== undefined
}

function keyPrefixOf (client: object): string {
  return '_keyPrefix' in client && client._keyPrefix != null ? toText(client._keyPrefix) : ''
}
