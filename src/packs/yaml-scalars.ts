import type { Json } from '../model/index.ts';

/*
 * PyYAML's reading of plain (unquoted) scalars, which is YAML 1.1 with its own omissions: `y` and `n` are text, `1e3` is
 * text (a float needs a point), `0777` is octal, `1:30` is base sixty. Packs are written against these readings.
 */
const BOOLEAN = /^(?:yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$/;
const TRUE = /^(?:yes|true|on)$/i;
const NULL = /^(?:~|null|Null|NULL|)$/;
const INTEGER =
  /^(?:[-+]?0b[0-1_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+)$/;
const FLOAT =
  /^(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*)$/;

/**
 * The value of a plain scalar. Two readings differ from PyYAML's because JSON cannot say them: dates and times, and
 * infinity and not-a-number, stay text.
 */
export function readPlainScalar(text: string): Json {
  if (NULL.test(text)) return null;
  if (BOOLEAN.test(text)) return TRUE.test(text);
  if (INTEGER.test(text)) return readInteger(text);
  if (FLOAT.test(text)) return readFloat(text);
  return text;
}

/** The value of a scalar that carries one of YAML's own tags (`!!int` ...); undefined when it cannot be read as that. */
export function readTaggedScalar(tag: string, text: string): Json | undefined {
  switch (tag) {
    case 'tag:yaml.org,2002:str':
    case '!':
      return text;
    case 'tag:yaml.org,2002:null':
      return null;
    case 'tag:yaml.org,2002:bool':
      return BOOLEAN.test(text) ? TRUE.test(text) : undefined;
    case 'tag:yaml.org,2002:int':
      return INTEGER.test(text) ? readInteger(text) : undefined;
    case 'tag:yaml.org,2002:float':
      return FLOAT.test(text) ? readFloat(text) : INTEGER.test(text) ? readInteger(text) : undefined;
    default:
      return undefined;
  }
}

function readInteger(text: string): number {
  const { sign, digits } = split(text);
  if (digits.startsWith('0b')) return sign * Number.parseInt(digits.slice(2), 2);
  if (digits.startsWith('0x')) return sign * Number.parseInt(digits.slice(2), 16);
  if (digits.includes(':')) return sign * sexagesimal(digits);
  if (digits.length > 1 && digits.startsWith('0')) return sign * Number.parseInt(digits, 8);
  return digits === '0' ? 0 : sign * Number(digits);
}

function readFloat(text: string): number {
  const { sign, digits } = split(text);
  return sign * (digits.includes(':') ? sexagesimal(digits) : Number(digits));
}

function split(text: string): { sign: 1 | -1; digits: string } {
  const digits = text.replaceAll('_', '').replace(/^[-+]/, '');
  return { sign: text.startsWith('-') ? -1 : 1, digits };
}

function sexagesimal(digits: string): number {
  return digits.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
}
