/** A template that is not Jinja. `position` is an index into the template as it was given (after line ends are made `\n`). */
export class TemplateSyntaxError extends Error {
  readonly position: number;
  /** Name of Jinja's exception: `TemplateAssertionError` when it parses but names what does not exist. */
  readonly kind: 'TemplateSyntaxError' | 'TemplateAssertionError';

  constructor(message: string, position: number, kind: TemplateSyntaxError['kind'] = 'TemplateSyntaxError') {
    super(message);
    this.name = 'TemplateSyntaxError';
    this.position = position;
    this.kind = kind;
  }
}
