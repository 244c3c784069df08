/** A template that is not Jinja. `position` is an index into the template as it was given (after line ends are made `\n`). */
export class TemplateSyntaxError extends Error {
  readonly position: number;

  constructor(message: string, position: number) {
    super(message);
    this.name = 'TemplateSyntaxError';
    this.position = position;
  }
}
