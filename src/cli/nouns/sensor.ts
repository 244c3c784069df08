import type { Command } from 'commander';
import { addReading, addSwitch, type Collection, OF_PACK } from './collection.ts';

const SENSOR: Collection<'/sensortypes'> = { path: '/sensortypes', one: 'sensor', name: 'PACK.SENSOR' };
const RUNNER: Collection<'/runnertypes'> = { path: '/runnertypes', one: 'runner', name: 'RUNNER' };

/** `petrel sensor`. */
export function registerSensor(program: Command): void {
  const sensor = program.command('sensor').description('sensors of packs');
  addReading(sensor, SENSOR, {
    about: 'sensors and how each stands: running, waiting to be started again, disabled ...',
    filters: [OF_PACK],
  });
  addSwitch(sensor, SENSOR);
}

/** `petrel runner`. */
export function registerRunner(program: Command): void {
  const runner = program.command('runner').description('what carries out actions of a kind');
  addReading(runner, RUNNER, { about: 'runners that there are' });
  addSwitch(runner, RUNNER);
}
