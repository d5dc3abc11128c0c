// Types of all operations of Miro's REST API, from your own copy of Miro's OpenAPI document:
//
//   node generate-types.js miro-openapi.json src/miro-openapi.ts
import { readFile, writeFile } from 'node:fs/promises'
import { argv } from 'node:process'
import openapiTS, { astToString } from 'openapi-typescript'

interface Schema { type?: string, items?: Schema, properties?: Record<string, Schema> }
interface MiroDocument {
  paths: Record<string, object>
  components: { schemas: Record<string, Schema>, responses?: Record<string, object> }
}

const [, , from = 'miro-openapi.json', to = 'src/miro-openapi.ts'] = argv
const source = await readFile(from, 'utf8')
const { paths, components, ...rest }: MiroDocument = JSON.parse(source)

// The document refers to responses that it does not define: all of them are errors.
const error = { description: 'Error', content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } } }
const references = source.matchAll(/"#\/components\/responses\/(\w+)"/g)
const responses = { ...Object.fromEntries(Array.from(references, ([, name = '']) => [name, error])), ...components.responses }

// These paths are SCIM's, which has another host and another key.
const restPaths = Object.fromEntries(Object.entries(paths).filter(([path]) => /^\/v\d/.test(path)))

// 64-bit numbers, which `exactIds` makes texts.
const { Picture, InvitationResult } = components.schemas
Object.assign(Picture?.properties?.['id'] ?? {}, { type: 'string' })
Object.assign(InvitationResult?.properties?.['successful']?.items ?? {}, { type: 'string' })

const document = JSON.stringify({ ...rest, paths: restPaths, components: { ...components, responses } })
await writeFile(to, astToString(await openapiTS(Buffer.from(document))))
