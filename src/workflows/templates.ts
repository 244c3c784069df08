/**
 * The template language as conductors see it; `jinjaTemplates` makes it from the expressions room's Jinja. Data is only ever
 * a variable here: the texts that are rendered are the definition's own.
 */
export interface Templates {
  /** Throws an error whose message is Jinja's own, or `MissingInput`. */
  render(text: string, variables: Variables): string;
  /** What stands for one scope of the datastore (`st2kv.system`). `read` answers undefined when there is no such key. */
  scope(read: (name: string) => string | undefined): unknown;
}

/** The templates of one decision; `decrypt` serves the filter `decrypt_kv`. */
export type TemplatesFor = (decrypt: (ciphertext: string) => string) => Templates;

export type Variables = Readonly<Record<string, unknown>>;
