import type { FastifyRequest } from 'fastify'
import type { Members } from '../fields/rule.js'
import { tooLarge } from '../wire/envelope.js'
import { parseJson, toMembers } from '../wire/json-body.js'
import { requireMultipart, type UploadedFile } from '../wire/multipart.js'
import { readMediaType } from '../wire/parameters.js'

/** The largest file that Miro takes. */
const maxFileBytes = 6 * 1024 * 1024

export interface Upload {
  /** In the form of a JSON body of the same kind. */
  body: Members
  file: UploadedFile
}

/**
 * Reads the parts `resource` and `data` of an upload; null for a request of another media type.
 *
 * @throws {MiroRefusal} 400 for a missing file or broken data, 413 for a file that is too large
 */
export function readUpload (request: FastifyRequest): Upload | null {
  if (readMediaType(request) !== 'multipart/form-data') return null
  const form = requireMultipart(request.body)
  const file = form.requireFile('resource')
  requireSize([file])
  return { body: toItemBody(Object.fromEntries(toMembers(parseJson(form.text('data') ?? '{}')))), file }
}

/** @throws {MiroRefusal} 413 for a file that is too large */
export function requireSize (files: readonly UploadedFile[]): void {
  if (files.some(({ bytes }) => bytes.length > maxFileBytes)) throw tooLarge('A file has more than 6 MB')
}

/** The part `data` has the title beside the position, where a JSON body has it in `data`. */
function toItemBody (part: Members): Members {
  const { title, altText, ...rest } = part
  return { ...rest, data: { ...(title !== undefined && { title }), ...(altText !== undefined && { altText }) } }
}
