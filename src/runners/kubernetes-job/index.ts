/**
 * An action as a Kubernetes Job: made under a name that comes from the execution, followed by its log, and taken away when the result is
 * stored. A Petrel that dies meanwhile finds the Job again by its name, whether it still runs or has ended, and goes on with its log.
 */
export { kubernetesJob } from './runner.ts';
export { sweepJobs } from './sweep.ts';
