// The recipe for a script, which goes to Miro itself: its requests are led to the emulator.
const { fetch } = globalThis
globalThis.fetch = (url, init) => fetch(url.replace('https://api.miro.com', process.env.MIRO_API_URL), init)
await import('./script.js')
