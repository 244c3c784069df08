import type { Narrator } from './step.ts';

/** Tells the story in a terminal, or line by line where the output is no terminal. */
export function terminalNarrator(out: NodeJS.WriteStream): Narrator {
  const colour = out.isTTY === true && process.env.NO_COLOR === undefined;
  const paint = (code: string, text: string) => (colour ? `\u001b[${code}m${text}\u001b[0m` : text);
  const replaceLine = (text: string) => out.write(colour ? `\r\u001b[2K${text}` : text);
  return {
    chapter: (text) => void out.write(`\n${paint('1', text)}\n`),
    begin(text) {
      if (colour) replaceLine(`  … ${text}`);
    },
    done(text, detail, milliseconds) {
      const seen = detail === '' ? '' : `  ${paint('2', detail)}`;
      replaceLine(`  ${paint('32', '✓')} ${text} ${paint('36', duration(milliseconds))}${seen}\n`);
    },
    failed(text, reason) {
      replaceLine(`  ${paint('31', '✗')} ${text}\n    ${reason}\n`);
    },
  };
}

function duration(milliseconds: number): string {
  if (milliseconds < 1) return '';
  return milliseconds < 1000 ? `(${milliseconds.toFixed(0)} ms)` : `(${(milliseconds / 1000).toFixed(1)} s)`;
}
