/** The selected ids after a click on an item. With a held key (`isAdding`), the other selected items stay. */
export function select (selected, id, isAdding) {
  if (isAdding) return selected.includes(id) ? selected.filter((other) => other !== id) : [...selected, id]
  return selected.length === 1 && selected[0] === id ? [] : [id]
}
