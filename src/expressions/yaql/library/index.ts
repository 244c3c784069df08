/** The functions of the original's standard library that Orquesta enables, by concern. None of them does any I/O. */
import type { Definition } from '../definition.ts';
import { AGGREGATES } from './aggregates.ts';
import { COMPARISON } from './comparison.ts';
import { DATES } from './date-time.ts';
import { DICTS } from './dicts.ts';
import { GENERATORS } from './generators.ts';
import { LISTS } from './lists.ts';
import { LOGIC } from './logic.ts';
import { MATH } from './math.ts';
import { MERGING } from './merging.ts';
import { ORDERING } from './ordering.ts';
import { PARTS } from './parts.ts';
import { QUERIES } from './queries.ts';
import { REGULAR_EXPRESSIONS } from './regex.ts';
import { SETS } from './sets.ts';
import { STRINGS } from './strings.ts';
import { SYSTEM } from './system.ts';

export const STANDARD_LIBRARY: readonly Definition[] = [
  ...SYSTEM,
  ...COMPARISON,
  ...LOGIC,
  ...STRINGS,
  ...MATH,
  ...LISTS,
  ...DICTS,
  ...SETS,
  ...QUERIES,
  ...PARTS,
  ...AGGREGATES,
  ...ORDERING,
  ...GENERATORS,
  ...MERGING,
  ...REGULAR_EXPRESSIONS,
  ...DATES,
];
