/** Descriptions as doc comments. They come from outside: nothing in them may end the comment or speak to the compiler. */

const WIDTH = 110;

/** The lines of a doc comment, each with a line end; none for an empty text. */
export function docComment(text: string, indent = ''): string {
  const lines = harmless(text)
    .split('\n')
    .flatMap((line) => wrap(line.trimEnd(), WIDTH - indent.length));
  while (lines.at(-1) === '') lines.pop();
  while (lines[0] === '') lines.shift();
  if (lines.length === 0) return '';
  if (lines.length === 1) return `${indent}/** ${lines[0]} */\n`;
  const body = lines.map((line) => `${indent} *${line === '' ? '' : ` ${line}`}\n`).join('');
  return `${indent}/**\n${body}${indent} */\n`;
}

/** The text on one line of an ordinary comment. */
export function lineComment(text: string): string {
  return `// ${harmless(text).replaceAll('\n', ' ')}`;
}

function harmless(text: string): string {
  return (
    text
      .replace(/\r\n?|[\u2028\u2029\v\f\u0085]/g, '\n')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
      .replace(/[\u0000-\u0008\u000e-\u001f\u007f]/g, '')
      .replaceAll('*/', '*\\/')
      .replace(/@ts-/g, '@ ts-')
  );
}

/** Cuts at spaces; a line that begins with one is laid out already and stays. */
function wrap(line: string, width: number): readonly string[] {
  if (line.length <= width || /^\s/.test(line)) return [line];
  const lines: string[] = [];
  let current = '';
  for (const word of line.split(' ')) {
    if (current !== '' && current.length + word.length + 1 > width) {
      lines.push(current);
      current = word;
    } else {
      current = current === '' ? word : `${current} ${word}`;
    }
  }
  return [...lines, current];
}
