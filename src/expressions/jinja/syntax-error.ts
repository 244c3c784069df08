/** A template that is not Jinja. `position` is an index into the template as it was given (after line ends are made `\n`). */
export class TemplateSyntaxError extends Error {
  readonly position: number;
  /**
   * Name of the exception: Jinja's `TemplateAssertionError` when it parses but names what does not exist, Python's `SyntaxError` when
   * Jinja lets pass what Python does not.
   */
  readonly kind: 'TemplateSyntaxError' | 'TemplateAssertionError' | 'SyntaxError';

  /** What may have been meant, for the message. */
  readonly hint: string;

  constructor(message: string, position: number, kind: TemplateSyntaxError['kind'] = 'TemplateSyntaxError', hint = '') {
    super(message);
    this.name = 'TemplateSyntaxError';
    this.position = position;
    this.kind = kind;
    this.hint = hint;
  }
}
