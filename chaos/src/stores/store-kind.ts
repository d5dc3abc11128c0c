export const storeKinds = ['postgres', 'redis', 'sqlite'] as const

export type StoreKind = typeof storeKinds[number]
