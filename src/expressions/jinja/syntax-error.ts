/** A template that is not Jinja. `position` is an index into the template as it was given (after line ends are made `\n`). */
export class TemplateSyntaxError extends Error {
  readonly position: number;
  /** Name of Jinja's exception: `TemplateAssertionError` when it parses but names what does not exist. */
  readonly kind: 'TemplateSyntaxError' | 'TemplateAssertionError';

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
