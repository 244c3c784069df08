/** The words of dateutil's English dates, in lower case. */
const numbered = (...words: readonly (readonly string[])[]): ReadonlyMap<string, number> =>
  new Map(words.flatMap((names, number) => names.map((name): [string, number] => [name, number])));

const WEEKDAYS = numbered(
  ['mon', 'monday'],
  ['tue', 'tuesday'],
  ['wed', 'wednesday'],
  ['thu', 'thursday'],
  ['fri', 'friday'],
  ['sat', 'saturday'],
  ['sun', 'sunday'],
);
const MONTHS = numbered(
  ['jan', 'january'],
  ['feb', 'february'],
  ['mar', 'march'],
  ['apr', 'april'],
  ['may'],
  ['jun', 'june'],
  ['jul', 'july'],
  ['aug', 'august'],
  ['sep', 'sept', 'september'],
  ['oct', 'october'],
  ['nov', 'november'],
  ['dec', 'december'],
);
const UNITS = numbered(['h', 'hour', 'hours'], ['m', 'minute', 'minutes'], ['s', 'second', 'seconds']);
const HALVES = numbered(['am', 'a'], ['pm', 'p']);
const SKIPPED = new Set([..." .,;-/'", 'at', 'on', 'and', 'ad', 'm', 't', 'of', 'st', 'nd', 'rd', 'th']);

/** 0 is Monday. */
export const weekdayOf = (word: string): number | undefined => WEEKDAYS.get(word.toLowerCase());
/** 1 is January. */
export const monthOf = (word: string): number | undefined => {
  const month = MONTHS.get(word.toLowerCase());
  return month === undefined ? undefined : month + 1;
};
/** 0 hours, 1 minutes, 2 seconds. */
export const unitOf = (word: string): number | undefined => UNITS.get(word.toLowerCase());
/** 0 before noon, 1 after. */
export const halfOf = (word: string): number | undefined => HALVES.get(word.toLowerCase());
/** Words and marks that mean nothing. White space is one mark whatever it was. */
export const isSkipped = (word: string): boolean => SKIPPED.has(word.toLowerCase());
export const isUtcName = (word: string): boolean => ['utc', 'gmt', 'z'].includes(word.toLowerCase());
