import { setTimeout as sleep } from 'node:timers/promises';
import { type Execution, type Id, PetrelError } from '../model/index.ts';
import { type AskingServices, eachChild, found, isPausedByPerson, listAll, orConflict, refuseEnded } from './asking.ts';

export interface Pausing {
  pause(id: Id, user: string): Promise<Execution>;
  resume(id: Id, user: string): Promise<Execution>;
  /** Pauses a workflow that has just begun, or gone on, below one that is pausing. */
  follow(workflow: Execution): Promise<void>;
  /** Goes on with the pausing and resuming of children that a process left behind when it died. */
  recover(): Promise<void>;
}

/** How long a claimed workflow may take for its first step before we stop waiting for it, milliseconds. */
const FIRST_STEP = 5000;
const LOOK_AGAIN = 20;

/**
 * Pausing and resuming workflows. The wish is stored together with what the conductor makes of it before it is answered; what it
 * means for child workflows follows, one transaction each. A workflow stays `pausing` or `resuming` until that is done, so
 * that a process that dies in between goes on with it at its next start.
 */
export function createPausing(services: AskingServices): Pausing {
  const { store, workflows, completion } = services;

  const pause = async (id: Id, user: string): Promise<Execution> => {
    const execution = await found(store, id);
    refuseActions(execution, 'paused');
    await begun(execution);
    let asked = false;
    await completion.ask(id, (workflow) => {
      refuseEnded(workflow, 'paused');
      if (isPausedByPerson(workflow)) return undefined;
      if (workflow.status === 'paused') {
        // It stands for an inquiry, or a child that is paused: it is not to go on with these either.
        return { statuses: () => ['running', 'pausing', 'paused'], context: { paused_by: user } };
      }
      if (workflow.status !== 'running') throw notNow(workflow, 'paused', 'only a workflow that runs can be');
      asked = true;
      return { input: { type: 'pause' }, statuses: () => ['pausing'], context: { paused_by: user } };
    });
    if (asked) await pauseChildren(id, user);
    return await found(store, id);
  };

  const pauseChildren = async (id: Id, user: string): Promise<void> => {
    const running = await listAll(store, { parentId: id, statuses: ['running'] });
    // One that has not taken its first step is paused after that: see `follow`.
    const children = running.filter(
      ({ runnerType, leaseOwner }) => workflows.has(runnerType) && leaseOwner === undefined,
    );
    await eachChild(children, (child) => orConflict(child.id, () => pause(child.id, user)));
  };

  /** Between its claim and its first step a workflow cannot be asked anything. */
  const begun = async ({ id, status, leaseOwner }: Execution): Promise<void> => {
    for (let waited = 0; status === 'running' && leaseOwner !== undefined; waited += LOOK_AGAIN) {
      if (waited >= FIRST_STEP) {
        throw new PetrelError('conflict', `Execution ${id} has not taken its first step yet; try again in a moment.`);
      }
      await sleep(LOOK_AGAIN);
      ({ status, leaseOwner } = await found(store, id));
    }
  };

  const resume = async (id: Id, user: string): Promise<Execution> => {
    refuseActions(await found(store, id), 'resumed');
    const children = await completion.ask(id, (workflow) => {
      refuseEnded(workflow, 'resumed');
      if (workflow.status === 'running' || workflow.status === 'resuming') return undefined;
      if (workflow.status !== 'paused') throw notNow(workflow, 'resumed', 'only a workflow that is paused can be');
      return {
        input: { type: 'resume' },
        statuses: ({ resumes }) => (resumes.length > 0 ? ['resuming'] : ['resuming', 'running']),
        context: { resumed_by: user },
      };
    });
    if (children.length > 0) await resumeChildren(id, user);
    return await found(store, id);
  };

  const resumeChildren = async (id: Id, user: string): Promise<void> => {
    // All that are paused, whichever the conductor named: after a crash nobody knows its words any more.
    await eachChild(await listAll(store, { parentId: id, statuses: ['paused'] }), (child) =>
      orConflict(child.id, () => resume(child.id, user)),
    );
    await completion.ask(id, ({ status }) => (status === 'resuming' ? { statuses: () => ['running'] } : undefined));
    await follow(await found(store, id));
  };

  const follow = async ({ id, parentId }: Execution): Promise<void> => {
    const parent = parentId === undefined ? undefined : await store.getExecution(parentId);
    if (parent?.status !== 'pausing') return;
    await eachChild([await found(store, id)], (child) =>
      orConflict(child.id, () => pause(child.id, String(parent.context.paused_by ?? ''))),
    );
  };

  const refuseActions = ({ id, actionRef, runnerType }: Execution, what: string): void => {
    if (workflows.has(runnerType)) return;
    const advice = `cancel it with \`petrel execution cancel ${id}\``;
    throw new PetrelError(
      'invalid',
      `Execution ${id} (${actionRef}) is no workflow and cannot be ${what}: only workflows can; ${advice}.`,
    );
  };

  return {
    pause: (id, user) => orConflict(id, () => pause(id, user)),
    resume: (id, user) => orConflict(id, () => resume(id, user)),
    follow,
    async recover() {
      for (const { id, context } of await listAll(store, { statuses: ['pausing'] })) {
        await pauseChildren(id, String(context.paused_by ?? ''));
      }
      for (const { id, context } of await listAll(store, { statuses: ['resuming'] })) {
        await resumeChildren(id, String(context.resumed_by ?? ''));
      }
    },
  };
}

function notNow({ id, status }: Execution, what: string, rule: string): PetrelError {
  return new PetrelError('conflict', `Execution ${id} is ${status} and cannot be ${what}: ${rule}. Look again later.`);
}
