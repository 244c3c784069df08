import { basename } from 'node:path';
import { defineSensor, type SensorContext, type SensorTrigger, z } from 'petrel/sdk';
import { FileFollower, type Position } from '../lib/follow-file.ts';

/** Files by the id of the trigger that names them. */
const followed = new Map<string, { readonly trigger: SensorTrigger; readonly follower: FileFollower }>();
/** What was wrong with a file when it was last looked at, so that it is said once. */
const wrong = new Map<string, string>();

/** Each line that is appended to a file which a rule names is an event, once, also through rotation and restarts. */
export default defineSensor({
  name: 'FileWatchSensor',
  description: 'Watches files that rules name, and tells every line that is appended to them.',
  triggerTypes: [
    {
      name: 'file_watch.line',
      description: 'A line was appended to a file.',
      parameters: z.object({ file_path: z.string().describe('Path of the file on the machine Petrel runs on.') }),
      payload: z.object({ file_path: z.string(), file_name: z.string(), line: z.string() }),
    },
  ],
  pollInterval: 1,
  async addTrigger(trigger, { datastore }) {
    const stored = await datastore.get(trigger.id);
    const position = stored === undefined ? undefined : (JSON.parse(stored) as Position); // written below
    followed.set(trigger.id, { trigger, follower: new FileFollower(String(trigger.parameters.file_path), position) });
  },
  async removeTrigger(trigger, { datastore }) {
    await followed.get(trigger.id)?.follower.close();
    followed.delete(trigger.id);
    wrong.delete(trigger.id);
    await datastore.delete(trigger.id);
  },
  async poll(context) {
    for (const { trigger, follower } of followed.values()) {
      try {
        await follower.poll((lines, position) => hand(trigger, lines, position, context));
        wrong.delete(trigger.id);
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        if (wrong.get(trigger.id) !== message) context.logger.warn(`A file cannot be followed for now: ${message}`);
        wrong.set(trigger.id, message);
      }
    }
  },
  async cleanup() {
    for (const { follower } of followed.values()) await follower.close();
  },
});

/** First the events, then how far they go: after a crash in between the same lines come with the same keys, and are no-ops. */
async function hand(
  trigger: SensorTrigger,
  lines: readonly { readonly text: string; readonly key: string }[],
  position: Position,
  { dispatch, datastore }: SensorContext,
): Promise<void> {
  const file_path = String(trigger.parameters.file_path);
  await dispatch(
    lines.map(({ text, key }) => ({
      trigger,
      payload: { file_path, file_name: basename(file_path), line: text },
      dedupeKey: `file_watch ${trigger.id} ${key}`,
    })),
  );
  await datastore.set(trigger.id, JSON.stringify(position));
}
