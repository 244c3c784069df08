import type { JsonObject } from '../model/index.ts';
import type { Runner } from './runner.ts';

export interface AnnouncementSettings {
  /** Tells everybody who listens to the route; resolves when it cannot be lost any more. */
  announce?(announcement: {
    readonly executionId: string;
    readonly route: string;
    readonly payload: JsonObject;
  }): Promise<void>;
}

/** Tells the action's parameters to whoever listens on the event stream (stackstorm-packs.md, section 5.10). */
export function announcement(settings: AnnouncementSettings): Runner {
  return {
    name: 'announcement',
    description: 'Announces its parameters on the event stream; for chat bots and the like.',
    parameters: {
      experimental: {
        type: 'boolean',
        description: "StackStorm's acknowledgement that it may change; must be true.",
        default: false,
        required: true,
      },
      route: {
        type: 'string',
        description: 'Listeners hear it as st2.announcement__ROUTE.',
        default: 'general',
        required: true,
      },
    },
    async run({ execution, runnerParameters, actionParameters }) {
      const { experimental, route } = runnerParameters;
      if (experimental !== true) {
        const error =
          'The runner announcement wants the parameter "experimental" to be true, as StackStorm does; give it a default in the action\'s metadata.';
        return { status: 'failed', result: { error, traceback: '' } };
      }
      if (settings.announce === undefined) {
        return { status: 'failed', result: { error: 'Announcements are made within a server only.', traceback: '' } };
      }
      const payload = actionParameters;
      await settings.announce({
        executionId: execution.id,
        route: typeof route === 'string' && route !== '' ? route : 'general',
        payload,
      });
      return { status: 'succeeded', result: { ...payload, output: payload } };
    },
  };
}
