import { PythonError } from '../../python/index.ts';

/** An expression that cannot be parsed; `kind` and message are the original's. `position` is in UTF-16 units. */
export class YaqlSyntaxError extends PythonError {
  readonly position: number;

  constructor(kind: string, message: string, position: number, hint?: string) {
    super(kind, message, hint);
    this.name = 'YaqlSyntaxError';
    this.position = position;
  }
}

/** Python's count of a position: code points. */
export function codePointsBefore(text: string, position: number): number {
  let count = 0;
  for (let index = 0; index < position; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit < 0xdc00 || unit > 0xdfff) count += 1;
  }
  return count;
}
