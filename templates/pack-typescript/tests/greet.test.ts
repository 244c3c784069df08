import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { testRun } from 'petrel/sdk';
import greet from '../actions/greet.ts';

test('greets as it is configured', async () => {
  const { result } = await testRun(greet, { input: { name: 'Ann' }, config: { greeting: 'Ahoy' } });
  deepEqual(result, { greeting: 'Ahoy, Ann!' });
});
