const pixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=='

/** The file of an image that is named by its URL, which the emulator does not fetch: a PNG of one pixel. */
export const placeholder = { mediaType: 'image/png', bytes: Buffer.from(pixel, 'base64') }
