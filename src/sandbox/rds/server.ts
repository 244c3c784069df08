import { randomUUID } from 'node:crypto';
import { type FaultRates, type Faults, withFaults } from '../faults.ts';
import { type Answer, type Incoming, openLoopback } from '../loopback.ts';
import type { Account, Creation } from './account.ts';
import { RDS_ACTIONS } from './actions.ts';
import { RdsError } from './errors.ts';
import { type Delays, digestPassword, type Instance, Instances } from './instances.ts';
import { Parameters } from './parameters.ts';
import type { Quotas } from './rules.ts';
import { type Snapshot, Snapshots } from './snapshots.ts';
import { element, type Xml } from './xml.ts';

export interface RdsSandboxOptions {
  /** Default 0: a free one. */
  readonly port?: number;
  /** Milliseconds in each passing state. Default 1000 each; 0 for the first backup, and until descriptions show what was created. */
  readonly delays?: Partial<Delays>;
  /** Epoch milliseconds; default the machine's clock. */
  readonly clock?: () => number;
  /** Default 100,000 GiB, as a new AWS account, and any number of instances and snapshots (AWS: 40 and 100). */
  readonly quotas?: Quotas;
  /** Trouble from the beginning. Default none. */
  readonly faults?: FaultRates;
}

export interface RdsSandbox {
  readonly url: string;
  readonly faults: Faults;
  /** All instances that are not gone yet. */
  listInstances(): readonly Instance[];
  /** Whether this is the instance's master password. False for an instance that is not there. */
  hasPassword(identifier: string, password: string): boolean;
  listSnapshots(): readonly Snapshot[];
  /** Everything that was ever created, in that order, whatever became of it: what nothing forgets cannot be created twice unseen. */
  listCreations(): readonly Creation[];
  stop(): Promise<void>;
  start(): Promise<void>;
  close(): Promise<void>;
}

const VERSION = '2014-10-31';
const NAMESPACE = ` xmlns="http://rds.amazonaws.com/doc/${VERSION}/"`;

const DELAYS: Delays = {
  create: 1000,
  backup: 0,
  modify: 1000,
  reboot: 1000,
  delete: 1000,
  snapshot: 1000,
  appear: 0,
};

/** Serves the RDS Query API on 127.0.0.1. Any AWS client takes its `url` as endpoint, with any access key. */
export async function startRdsSandbox(options: RdsSandboxOptions = {}): Promise<RdsSandbox> {
  const clock = options.clock ?? Date.now;
  const delays = { ...DELAYS, ...options.delays };
  const instances = new Instances(clock, delays);
  const snapshots = new Snapshots(clock, delays);
  const quotas = { storage: 100_000, ...options.quotas };
  const creations: Creation[] = [];

  function handle(request: Incoming): Answer {
    try {
      if (request.method !== 'POST')
        throw new RdsError('InvalidAction', `The method ${request.method} is not supported.`);
      const region = signedRegion(request.headers.authorization);
      const form = formOf(request);
      const name = form.get('Action') ?? '';
      const action = RDS_ACTIONS.get(name);
      if (action === undefined || form.get('Version') !== VERSION) {
        throw new RdsError(
          'InvalidAction',
          `Could not find operation ${name} for version ${form.get('Version') ?? 'NO_VERSION'}`,
        );
      }
      const account: Account = { instances, snapshots, region, quotas, creations, clock };
      return success(name, action(new Parameters(form), account));
    } catch (error) {
      if (error instanceof RdsError) return failure(error);
      throw error;
    }
  }

  const guarded = withFaults(
    handle,
    (request) => formOf(request).get('Action') ?? '',
    (fault) =>
      failure(
        new RdsError(fault.code ?? 'ServiceUnavailable', fault.message ?? 'Please try again later.', fault.status),
      ),
    clock,
    { status: 400, code: 'Throttling', message: 'Rate exceeded' },
  );
  if (options.faults !== undefined) guarded.faults.setRates(options.faults);
  const server = await openLoopback(guarded.handle, options.port);
  return {
    url: server.url,
    faults: guarded.faults,
    listInstances: () => instances.all(),
    hasPassword: (identifier, password) => instances.passwordDigest(identifier) === digestPassword(password),
    listSnapshots: () => snapshots.all(),
    listCreations: () => [...creations],
    stop: server.stop,
    start: server.start,
    close: server.stop,
  };
}

function formOf(request: Incoming): URLSearchParams {
  return new URLSearchParams(request.body.toString('utf8'));
}

/** The region of a signature (version 4). The signature must have its form; nobody here knows a key to check it with. */
function signedRegion(authorization: string | undefined): string {
  if (authorization === undefined)
    throw new RdsError('MissingAuthenticationToken', 'Missing Authentication Token', 403);
  const form =
    /^AWS4-HMAC-SHA256 Credential=[^/\s,]+\/\d{8}\/([a-z0-9-]+)\/rds\/aws4_request, ?SignedHeaders=[a-z0-9;-]+, ?Signature=[0-9a-f]{64}$/;
  const region = form.exec(authorization)?.[1];
  if (region === undefined) {
    throw new RdsError('IncompleteSignature', 'The request signature does not conform to AWS standards.', 403);
  }
  return region;
}

function success(action: string, result: Xml): Answer {
  const RequestId = randomUUID();
  const content = {
    ...(result === undefined ? {} : { [`${action}Result`]: result }),
    ResponseMetadata: { RequestId },
  };
  return answer(200, element(`${action}Response`, content, NAMESPACE), RequestId);
}

function failure(error: RdsError): Answer {
  const RequestId = randomUUID();
  const content = {
    Error: { Type: error.status < 500 ? 'Sender' : 'Receiver', Code: error.code, Message: error.message },
    RequestId,
  };
  return answer(error.status, element('ErrorResponse', content, NAMESPACE), RequestId);
}

function answer(status: number, xml: string, requestId: string): Answer {
  const headers = { 'content-type': 'text/xml', 'x-amzn-requestid': requestId };
  return { status, headers, body: `<?xml version="1.0" encoding="UTF-8"?>\n${xml}\n` };
}
