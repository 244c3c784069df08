type Ini = Readonly<Record<string, Readonly<Record<string, string>> | undefined>>;

/** `[section]` and `name = value`, as Python's configparser reads them. What is empty is left out. */
export function parseIni(text: string): Ini {
  const sections: Record<string, Record<string, string>> = Object.create(null);
  let section: Record<string, string> = Object.create(null);
  for (const line of text.split(/\r?\n/)) {
    const [, name] = /^\s*\[([^\]]+)\]\s*$/.exec(line) ?? [];
    const [, key, value] = /^\s*([^#;=:\s][^=:]*?)\s*[=:]\s*(.*?)\s*$/.exec(line) ?? [];
    if (name !== undefined) {
      section = sections[name] ?? Object.create(null);
      sections[name] = section;
    } else if (key !== undefined && value !== undefined && value !== '') section[key] = value;
  }
  return sections;
}
