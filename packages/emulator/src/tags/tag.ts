/** A tag of a board, which its cards and sticky notes may have. */
export interface Tag {
  id: string
  title: string
  fillColor: string
}
