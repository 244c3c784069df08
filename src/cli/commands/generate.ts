import { resolve } from 'node:path';
import {
  type ApiDocument,
  createKubernetesClient,
  directoryName,
  generateClient,
  generateCrdTypes,
  loadApiDocument,
  loadClusterDocument,
  loadKubernetesConfig,
  readManifests,
  writeFiles,
  writeOneFile,
} from '../../kubernetes/index.ts';
import { PetrelError } from '../../model/index.ts';
import type { GlobalOptions } from '../options.ts';
import { print } from '../output.ts';

interface ClientOptions extends GlobalOptions {
  readonly from: string;
  readonly out?: string;
  readonly force?: boolean;
  readonly kubeconfig?: string;
  readonly kubernetesUrl?: string;
  readonly kubernetesToken?: string;
}

/** Writes a client for the API that `--from` describes. Nothing is written unless all of it could be generated. */
export async function client(options: ClientOptions): Promise<void> {
  const document = options.from === 'cluster' ? await describeCluster(options) : await loadApiDocument(options.from);
  const generated = generateClient(document);
  const directory = options.out ?? directoryName(generated.title);
  await writeFiles(directory, generated.files, options.force === true);
  const summary = {
    directory: resolve(directory),
    files: Object.keys(generated.files).sort(),
    operations: generated.operations,
    types: generated.types,
    warnings: generated.warnings,
  };
  if (options.json !== true) for (const warning of generated.warnings) process.stderr.write(`warning: ${warning}\n`);
  await print(
    summary,
    options,
    () =>
      `${generated.operations} operations and ${generated.types} types in ${summary.files.length} files: ${directory}`,
  );
}

async function describeCluster(options: ClientOptions): Promise<ApiDocument> {
  const config = await loadKubernetesConfig({
    env: process.env,
    ...(options.kubeconfig === undefined ? {} : { kubeconfig: options.kubeconfig }),
    ...(options.kubernetesUrl === undefined ? {} : { url: options.kubernetesUrl }),
    ...(options.kubernetesToken === undefined ? {} : { token: options.kubernetesToken }),
  });
  if (config === undefined) {
    throw new PetrelError('invalid', 'There is no cluster to read: give --kubeconfig FILE or --kubernetes-url URL.');
  }
  const cluster = createKubernetesClient(config);
  try {
    return await loadClusterDocument(cluster);
  } finally {
    await cluster.close();
  }
}

interface TypesOptions extends GlobalOptions {
  readonly crd: string;
  readonly out?: string;
  readonly force?: boolean;
}

/** Prints or writes the types of the CustomResourceDefinitions in a file. */
export async function types(options: TypesOptions): Promise<void> {
  const { text, types: names } = generateCrdTypes(await readManifests(options.crd), options.crd);
  if (options.out === undefined) {
    return await print({ types: names, text }, options, () => text.trimEnd());
  }
  await writeOneFile(options.out, text, options.force === true);
  await print({ file: resolve(options.out), types: names }, options, () => `${names.join(', ')}: ${options.out}`);
}
