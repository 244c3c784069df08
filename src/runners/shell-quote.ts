const PLAIN = /^[A-Za-z0-9@%+=:,./_-]+$/;

/** One word for a POSIX shell, as Python's `shlex.quote`. */
export function shellQuote(text: string): string {
  return PLAIN.test(text) ? text : `'${text.replaceAll("'", `'"'"'`)}'`;
}
