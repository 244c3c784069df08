/** A parsed path. `steps` of a chain are applied one after the other. */
export type Path =
  | { readonly kind: 'root' }
  | { readonly kind: 'this' }
  | { readonly kind: 'parent' }
  | { readonly kind: 'fields'; readonly names: readonly string[] }
  | { readonly kind: 'every-field' }
  | { readonly kind: 'index'; readonly index: number }
  /** Bounds as Python's; undefined is open. */
  | { readonly kind: 'slice'; readonly start: number | undefined; readonly end: number | undefined }
  | { readonly kind: 'chain'; readonly steps: readonly Path[] }
  | { readonly kind: 'descendants'; readonly left: Path; readonly right: Path }
  | { readonly kind: 'where'; readonly left: Path; readonly right: Path }
  | { readonly kind: 'union'; readonly left: Path; readonly right: Path };
