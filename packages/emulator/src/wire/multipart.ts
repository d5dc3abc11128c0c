import { type FieldProblem, invalidFields, invalidParameters } from './envelope.js'

export interface UploadedFile {
  name: string
  mediaType: string
  bytes: Uint8Array
}

/** The parts of a body of the media type `multipart/form-data` (RFC 7578), in their order. */
export class MultipartForm {
  readonly #parts: readonly (readonly [string, string | UploadedFile])[]

  constructor (parts: readonly (readonly [string, string | UploadedFile])[]) {
    this.#parts = parts
  }

  /** The files of the parts with this name. A part without a file name is a text. */
  files (name: string): UploadedFile[] {
    return this.#parts.flatMap(([part, value]) => part === name && typeof value !== 'string' ? [value] : [])
  }

  /** The text of a part, which some clients send as a file; undefined if there is none. */
  text (name: string): string | undefined {
    const value = this.#parts.find(([part]) => part === name)?.[1]
    return value === undefined || typeof value === 'string' ? value : Buffer.from(value.bytes).toString()
  }

  /** @throws {MiroRefusal} 400 if the part is missing */
  requireFile (name: string): UploadedFile {
    const [file] = this.files(name)
    if (file === undefined) throw invalidFields([missingFile(name)])
    return file
  }
}

/** What a body is that cannot be read. The route refuses it once it has checked the token. */
export const brokenForm = Symbol('a multipart body that cannot be read')

/** Reads a body whole. It is bounded by the limit of its parser. */
export async function parseMultipart (body: Buffer, contentType: string): Promise<MultipartForm | typeof brokenForm> {
  try {
    const form = await new Response(new Uint8Array(body), { headers: { 'content-type': contentType } }).formData()
    return new MultipartForm(await Promise.all([...form].map(readPart)))
  } catch {
    return brokenForm
  }
}

/** @throws {MiroRefusal} 400 for a body that is no multipart form */
export function requireMultipart (body: unknown): MultipartForm {
  if (body instanceof MultipartForm) return body
  throw invalidParameters('The body must be multipart/form-data')
}

function missingFile (name: string): FieldProblem {
  return { field: name, message: `${name} must be a part with a file` }
}

async function readPart ([name, value]: [string, string | Blob]): Promise<[string, string | UploadedFile]> {
  if (typeof value === 'string') return [name, value]
  const bytes = new Uint8Array(await value.arrayBuffer())
  const fileName = 'name' in value && typeof value.name === 'string' ? value.name : ''
  return [name, { name: fileName, mediaType: value.type, bytes }]
}
