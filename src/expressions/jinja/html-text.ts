import { splitOnSpace } from '../python/index.ts';

/** HTML's names of the characters U+00A0 to U+00FF, in order. They count without a semicolon as well. */
const LATIN = (
  'nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3 ' +
  'acute micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml ' +
  'Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde ' +
  'Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring aelig ' +
  'ccedil egrave eacute ecirc euml igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide ' +
  'oslash ugrave uacute ucirc uuml yacute thorn yuml'
).split(' ');

/** Names that count without a semicolon besides. */
const BASIC = 'amp=& AMP=& lt=< LT=< gt=> GT=> quot=" QUOT=" COPY=© REG=®';

/** The other names of HTML 4, and `apos`. */
const OTHERS =
  "apos=' OElig=Œ oelig=œ Scaron=Š scaron=š Yuml=Ÿ fnof=ƒ circ=ˆ tilde=˜ Alpha=Α Beta=Β Gamma=Γ Delta=Δ " +
  'Epsilon=Ε Zeta=Ζ Eta=Η Theta=Θ Iota=Ι Kappa=Κ Lambda=Λ Mu=Μ Nu=Ν Xi=Ξ Omicron=Ο Pi=Π Rho=Ρ Sigma=Σ Tau=Τ ' +
  'Upsilon=Υ Phi=Φ Chi=Χ Psi=Ψ Omega=Ω alpha=α beta=β gamma=γ delta=δ epsilon=ε zeta=ζ eta=η theta=θ iota=ι ' +
  'kappa=κ lambda=λ mu=μ nu=ν xi=ξ omicron=ο pi=π rho=ρ sigmaf=ς sigma=σ tau=τ upsilon=υ phi=φ chi=χ psi=ψ ' +
  'omega=ω thetasym=ϑ upsih=ϒ piv=ϖ ensp=\u2002 emsp=\u2003 thinsp=\u2009 zwnj=\u200c zwj=\u200d lrm=\u200e ' +
  'rlm=\u200f ndash=– mdash=— lsquo=‘ rsquo=’ sbquo=‚ ldquo=“ rdquo=” bdquo=„ dagger=† Dagger=‡ bull=• ' +
  'hellip=… permil=‰ prime=′ Prime=″ lsaquo=‹ rsaquo=› oline=‾ frasl=⁄ euro=€ image=ℑ weierp=℘ real=ℜ trade=™ ' +
  'alefsym=ℵ larr=← uarr=↑ rarr=→ darr=↓ harr=↔ crarr=↵ lArr=⇐ uArr=⇑ rArr=⇒ dArr=⇓ hArr=⇔ forall=∀ part=∂ ' +
  'exist=∃ empty=∅ nabla=∇ isin=∈ notin=∉ ni=∋ prod=∏ sum=∑ minus=− lowast=∗ radic=√ prop=∝ infin=∞ ang=∠ ' +
  'and=∧ or=∨ cap=∩ cup=∪ int=∫ there4=∴ sim=∼ cong=≅ asymp=≈ ne=≠ equiv=≡ le=≤ ge=≥ sub=⊂ sup=⊃ nsub=⊄ ' +
  'sube=⊆ supe=⊇ oplus=⊕ otimes=⊗ perp=⊥ sdot=⋅ lceil=⌈ rceil=⌉ lfloor=⌊ rfloor=⌋ lang=〈 rang=〉 loz=◊ ' +
  'spades=♠ clubs=♣ hearts=♥ diams=♦';

const CHARACTERS: ReadonlyMap<string, string> = new Map([
  ...LATIN.flatMap((name, index) => {
    const character = String.fromCharCode(160 + index);
    return [[name, character] as const, [`${name};`, character] as const];
  }),
  ...pairs(BASIC).flatMap(([name, character]) => [[name, character] as const, [`${name};`, character] as const]),
  ...pairs(OTHERS).map(([name, character]) => [`${name};`, character] as const),
]);

function pairs(text: string): [string, string][] {
  return text.split(' ').map((pair) => {
    const [name = '', character = ''] = pair.split('=');
    return [name, character];
  });
}

/** What the numbers 128 to 159 mean in pages: Windows' characters. */
const WINDOWS =
  '\u20ac\x81\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\x8d\u017d\x8f\x90\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc' +
  '\u2122\u0161\u203a\u0153\x9d\u017e\u0178';

/**
 * Python's `html.unescape`, with the names of HTML 4: character references become their characters, also where a known name begins
 * a longer word (`&notit;`).
 */
export function unescapeHtml(text: string): string {
  return text.replace(/&(#\d+;?|#[xX][\da-fA-F]+;?|[^\t\n\f <&#;]{1,32};?)/g, (whole: string, name: string) => {
    if (name.startsWith('#')) return numbered(name);
    for (let length = name.length; length > 1; length -= 1) {
      const character = CHARACTERS.get(name.slice(0, length));
      if (character !== undefined) return character + name.slice(length);
    }
    return whole;
  });
}

function numbered(name: string): string {
  const digits = name.slice(1).replace(';', '');
  const code = /^[xX]/.test(digits) ? Number.parseInt(digits.slice(1), 16) : Number(digits);
  if (code === 0 || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return '\ufffd';
  if (code >= 128 && code < 160) return WINDOWS.charAt(code - 128);
  return code === 13 || code === 9 || code === 10 || code === 12 || !isControl(code) ? String.fromCodePoint(code) : '';
}

/** Numbers that stand for no character. */
function isControl(code: number): boolean {
  return code < 32 || code === 127 || (code >= 0xfdd0 && code <= 0xfdef) || (code & 0xfffe) === 0xfffe;
}

/** Jinja's `striptags`: no comments, no tags, white space as single blanks, character references read. */
export function stripTags(text: string): string {
  const bare = text.replace(/<!--.*?-->/gs, '').replace(/<.*?>/gs, '');
  return unescapeHtml(splitOnSpace(bare).join(' '));
}
