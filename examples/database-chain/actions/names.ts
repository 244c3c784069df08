import { defineAction } from 'petrel/sdk';
import { names, namesOf, owner } from '../lib/names.ts';

export default defineAction({
  description: 'The names of all that belongs to a database, without asking what it is: enough to take it away.',
  input: owner,
  output: names,
  run: async ({ input, config }) => namesOf(input, config),
});
