export const storeKinds = ['postgres', 'redis'] as const

export type StoreKind = typeof storeKinds[number]
