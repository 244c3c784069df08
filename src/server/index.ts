/**
 * What the composition root (src/server.ts) builds one by one: each file makes one thing of the options, and knows the rooms below that it
 * needs. What belongs to whom is decided there, not here.
 */
export { keepLookedUp, openCatalogue } from './catalogue.ts';
export { openCipher } from './cipher.ts';
export { createClosers } from './closers.ts';
export { connectKubernetes, type KubernetesSettings, noKubernetes } from './cluster.ts';
export { loadWorkflow } from './code-workflows.ts';
export { httpSettings, listen } from './http.ts';
export { keepJobsSwept } from './job-sweep.ts';
export { openPacks } from './packs.ts';
export { openTokenFile, writePrivate } from './private-files.ts';
export { openPython, type PythonSettings, warnWithoutPython } from './python.ts';
export { createChecks } from './readiness.ts';
export { forResources } from './resource-executions.ts';
export { openStore } from './store.ts';
export { openTracing, type Tracing } from './tracing/index.ts';
