/** The `fetch` this package calls: the global one, or a stand-in of the same shape. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>
