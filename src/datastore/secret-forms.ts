/**
 * The texts by which a secret may show itself: as it is, inside JSON, inside a URL or a form, and in base64, also as a part of
 * something longer (`Authorization: Basic`, a Kubernetes Secret), where it begins at any of three positions within a group.
 */
export function formsOf(secret: string): readonly string[] {
  const forms = new Set([secret, JSON.stringify(secret).slice(1, -1)]);
  const bytes = Buffer.from(secret, 'utf8');
  for (const form of urlForms(bytes.toString('utf8'))) forms.add(form);
  for (const form of base64Forms(bytes)) {
    forms.add(form);
    forms.add(form.replaceAll('+', '-').replaceAll('/', '_'));
  }
  return [...forms];
}

function urlForms(secret: string): string[] {
  const encoded = encodeURIComponent(secret);
  // Others escape what JavaScript leaves alone (Python, RFC 3986), or leave the slash alone (Python's quote).
  const strict = encoded.replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
  return [encoded, strict, strict.replaceAll('%20', '+'), strict.replaceAll('%2F', '/')];
}

/** Shorter pieces from the middle of base64 text stand for too little to be told from chance. */
const SHORTEST_PIECE = 8;

function base64Forms(bytes: Buffer): string[] {
  const forms = [bytes.toString('base64').replaceAll('=', '')];
  for (const before of [0, 1, 2]) {
    // The characters that hold bits of the secret and of nothing else.
    const first = Math.ceil((before * 8) / 6);
    const end = Math.floor(((before + bytes.length) * 8) / 6);
    const piece = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .slice(first, end);
    if (piece.length >= SHORTEST_PIECE) forms.push(piece);
  }
  return forms;
}
