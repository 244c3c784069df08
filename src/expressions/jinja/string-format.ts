import {
  type FieldAccess,
  formatString,
  formatText,
  formatValue,
  PythonFunction,
  typeError,
  valueError,
} from '../python/index.ts';
import { escapeHtml, Markup } from './markup.ts';

/**
 * `format` and `format_map` of text inside Jinja's sandbox: fields reach into values by the template's own rules, so that what is
 * missing or unsafe is an undefined value. Marked text escapes what it is given.
 */
export function formatMethod(
  self: string | Markup,
  name: 'format' | 'format_map',
  access: Pick<FieldAccess, 'attribute' | 'item'>,
): PythonFunction {
  const whole: FieldAccess = { ...access, print: self instanceof Markup ? printEscaped : print };
  return new PythonFunction(`str.${name}`, (given) => {
    const mapping = name === 'format_map';
    if (mapping && given.keywords !== undefined) throw typeError('format_map() takes no keyword arguments');
    if (mapping && given.positional.length !== 1) {
      throw typeError(`format_map() takes exactly one argument (${given.positional.length} given)`);
    }
    const positional = mapping ? [] : given.positional;
    const named = mapping ? given.positional[0] : given.keywords;
    const text = formatText(self instanceof Markup ? self.text : self, positional, named, whole);
    return self instanceof Markup ? new Markup(text) : text;
  });
}

function print(value: unknown, spec: string): string {
  if (!(value instanceof Markup)) return formatValue(value, spec);
  return spec === '' ? value.text : formatString(value.text, spec, 'Markup');
}

function printEscaped(value: unknown, spec: string): string {
  if (!(value instanceof Markup)) return escapeHtml(formatValue(value, spec));
  if (spec !== '') throw valueError('Unsupported format specification for Markup.');
  return value.text;
}
