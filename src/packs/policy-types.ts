import type { ParameterSchemas } from '../model/index.ts';

/** A kind of policy. `ref` is `<resource type>.<name>`. */
export interface PolicyType {
  readonly ref: string;
  readonly resourceType: 'action';
  readonly name: string;
  readonly description: string;
  readonly parameters: ParameterSchemas;
}

const CONCURRENCY: ParameterSchemas = {
  threshold: {
    type: 'integer',
    minimum: 1,
    required: true,
    description: 'How many executions of the action may run at one time.',
  },
  action: {
    type: 'string',
    enum: ['delay', 'cancel'],
    default: 'delay',
    description: 'What becomes of an execution that is one too many.',
  },
};

const action = (name: string, description: string, parameters: ParameterSchemas): PolicyType => ({
  ref: `action.${name}`,
  resourceType: 'action',
  name,
  description,
  parameters,
});

/** The kinds of policies there are (stackstorm-packs.md, section 9): what a policy's parameters are held against, and what the API shows. */
export const POLICY_TYPES: readonly PolicyType[] = [
  action('concurrency', 'Limits how many executions of an action run at one time.', CONCURRENCY),
  action('concurrency.attr', 'Limits how many executions of an action with equal parameters run at one time.', {
    ...CONCURRENCY,
    attributes: {
      type: 'array',
      items: { type: 'string' },
      minItems: 1,
      required: true,
      description: 'Names of the parameters that are compared.',
    },
  }),
  action('retry', 'Requests an execution that failed again.', {
    retry_on: {
      type: 'string',
      enum: ['failure', 'timeout'],
      required: true,
      description: 'Which end is followed by another execution.',
    },
    max_retry_count: {
      type: 'integer',
      minimum: 1,
      maximum: 5,
      default: 2,
      description: 'How many more executions there may be.',
    },
    delay: {
      type: 'number',
      minimum: 0,
      maximum: 120,
      default: 0,
      description: 'Seconds to wait before the next.',
    },
  }),
];
