export const idStyles = ['text', 'numbers'] as const

/** How ids are written: as text, or as bare 64-bit numbers, as in some of Miro's samples. */
export type IdStyle = typeof idStyles[number]

/** A `bigint` is written as a bare number with all of its digits. */
export function toStyledId (id: string, style: IdStyle): string | bigint {
  return style === 'numbers' ? BigInt(id) : id
}
