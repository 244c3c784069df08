import type { Command } from 'commander';
import { globals } from '../options.ts';

/** `petrel sensor`. */
export function registerSensor(program: Command): void {
  const sensor = program.command('sensor').description('sensors of packs');
  sensor
    .command('list')
    .description('sensors and how each stands: running, waiting to be started again, disabled ...')
    .action(async (_, command: Command) => {
      const { list } = await import('../commands/sensor.ts');
      await list(globals(command));
    });
  for (const [name, description] of [
    ['get', 'one sensor, with its last failure'],
    ['enable', 'start a sensor; kept over restarts'],
    ['disable', 'stop a sensor; kept over restarts'],
  ] as const) {
    sensor
      .command(name)
      .description(description)
      .argument('<sensor>', 'PACK.SENSOR')
      .action(async (ref: string, _, command: Command) => {
        const commands = await import('../commands/sensor.ts');
        await commands[name](ref, globals(command));
      });
  }
}
