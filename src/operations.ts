/**
 * What the server does itself when actions of the packs `core`, `packs` and `chatops` ask for it. Each takes the parameters of StackStorm's
 * action of that name.
 */
import type { ApiServices } from './api/index.ts';
import { aliasUid, helpOf, idOf, registeredCounts, resultOf, showExecution } from './api/index.ts';
import { formatResult } from './executions/index.ts';
import { isJsonObject, type Json, type JsonObject, PetrelError } from './model/index.ts';
import {
  formatProblem,
  type InstallSettings,
  installPack,
  maskedConfig,
  type RegistrySnapshot,
  removePack,
} from './packs/index.ts';
import type { Operation } from './runners/index.ts';

export interface OperationServices {
  readonly api: ApiServices;
  /** Where packs are installed. */
  readonly packsDirectory: string;
  /** Reads all packs again. */
  readPacks(): Promise<RegistrySnapshot>;
  lint: InstallSettings['lint'];
  prepare: NonNullable<InstallSettings['prepare']>;
}

type Operations = Readonly<Record<string, Operation>>;

/** All operations by name. */
export function createOperations(services: OperationServices): ReadonlyMap<string, Operation> {
  return new Map(
    Object.entries({ ...eventOperations(services), ...packOperations(services), ...chatOperations(services) }),
  );
}

function eventOperations({ api }: OperationServices): Operations {
  return {
    async inject_trigger({ trigger, trigger_name: former, payload }, { execution }) {
      const name = trigger ?? former;
      if (typeof name !== 'string')
        throw new PetrelError('invalid', 'Say which trigger is to be dispatched: trigger=PACK.NAME.');
      const event = { trigger: name, parameters: {}, payload: isJsonObject(payload) ? payload : {} };
      // A second attempt of the same execution must not dispatch a second event.
      const [outcome] = await api.events.dispatch([{ ...event, dedupeKey: `inject|${execution.id}` }]);
      if (outcome?.outcome === 'refused') throw new PetrelError('invalid', outcome.reason);
      return { trigger: name, trigger_instance: outcome?.outcome === 'accepted' ? outcome.id : null };
    },
  };
}

function packOperations(services: OperationServices): Operations {
  const { api, packsDirectory, readPacks } = services;
  const registered = () => api.registry.snapshot().packs;
  const content = (ref: Json | undefined) => {
    const found = registered().get(String(ref));
    if (found === undefined) throw new PetrelError('not_found', `There is no pack "${String(ref)}".`);
    return found;
  };
  return {
    async packs_install({ packs, force, skip_dependencies: skip }, { signal, say, publish }) {
      const known = new Set(
        [...registered().values()]
          .filter(({ manifest }) => !manifest.path.startsWith(packsDirectory))
          .map(({ manifest }) => manifest.ref),
      );
      const settings: InstallSettings = {
        packsDirectory,
        known,
        force: force === true,
        skipDependencies: skip === true,
        lint: services.lint,
        prepare: services.prepare,
        signal,
      };
      const installed = [];
      for (const pack of textsOf(packs)) installed.push(...(await installPack(pack, settings)));
      await readPacks();
      const warnings = installed.flatMap(({ problems, path }) =>
        problems.map((problem) => formatProblem(problem, path)),
      );
      warnings.forEach(say);
      publish({
        packs_list: installed.map(({ ref }) => ref),
        message: '',
        conflict_list: [],
        warning_list: warnings,
      });
      return installed.map(({ problems, ...rest }) => ({
        ...rest,
        problems: problems.map((problem) => ({ ...problem })),
      }));
    },
    async packs_uninstall({ packs }) {
      const refs = textsOf(packs);
      for (const ref of refs) await removePack(ref, packsDirectory);
      await readPacks();
      return refs;
    },
    async packs_load({ packs }, { say }) {
      const { packs: all } = await readPacks();
      const wanted = packs === undefined || packs === null ? [...all.keys()] : textsOf(packs);
      const contents = wanted.map((ref) => content(ref));
      for (const { problems, manifest } of contents)
        for (const problem of problems) say(formatProblem(problem, manifest.path));
      return registeredCounts(contents);
    },
    async packs_lint({ pack }) {
      return content(pack).problems.map((problem) => formatProblem(problem, content(pack).manifest.path));
    },
    async packs_get({ pack }) {
      const found = registered().get(String(pack));
      return { pack: found === undefined ? null : { ...found.manifest } };
    },
    async packs_list() {
      return [...registered().values()].map(({ manifest }) => ({ ...manifest }));
    },
    async packs_get_config({ pack }) {
      const { config, configSchema } = content(pack);
      return api.masker.maskJson(maskedConfig(config, configSchema));
    },
    async packs_get_dependencies({ pack }) {
      return [...(content(pack).manifest.dependencies ?? [])];
    },
    async packs_get_warnings({ packs_list: packs }) {
      const warnings = textsOf(packs).flatMap((ref) =>
        content(ref).problems.map((problem) => formatProblem(problem, content(ref).manifest.path)),
      );
      return { warning_list: warnings };
    },
    async packs_setup_virtualenv({ packs }, { say }) {
      for (const ref of textsOf(packs)) {
        await services.prepare(content(ref).manifest);
        say(`The environment of ${ref} is ready.`);
      }
      return textsOf(packs);
    },
  };
}

function chatOperations({ api }: OperationServices): Operations {
  return {
    async chatops_format_execution_result({ execution_id: id }) {
      const execution = await api.store.getExecution(String(id));
      if (execution === undefined) throw new PetrelError('not_found', `There is no execution "${String(id)}".`);
      return formatResult(
        await showExecution(execution, api),
        aliasOf(api.registry.snapshot(), execution.context),
        api.jinja,
      );
    },
    async chatops_match({ text }) {
      const { alias, display, representation } = api.aliases.match(String(text));
      const { name, pack, actionRef } = alias;
      return { alias: { name, pack, action_ref: actionRef }, display: display ?? null, representation };
    },
    async chatops_match_and_execute(parameters, { execution }) {
      const { text, channel, source_channel: source = channel, user, whisper, notification_route: route } = parameters;
      const runs = await api.aliases.matchAndExecute(String(text), {
        user: execution.user,
        ...(typeof user === 'string' && { chatUser: user }),
        ...(typeof source === 'string' && { sourceChannel: source }),
        ...(whisper === true && { whisper }),
        ...(typeof route === 'string' && { route }),
      });
      return { results: await Promise.all(runs.map((run) => resultOf(run, api))) };
    },
    async chatops_help({ filter, pack }) {
      return helpOf(api, { filter: textOr(filter), pack: textOr(pack), limit: 0, offset: 0 });
    },
  };
}

/** The alias that an execution was started by. */
function aliasOf({ aliases }: RegistrySnapshot, { action_alias_ref: reference }: JsonObject) {
  if (!isJsonObject(reference)) return undefined;
  return [...aliases.values()].find((alias) => idOf(aliasUid(alias)) === reference.id);
}

function textsOf(value: Json | undefined): readonly string[] {
  if (typeof value === 'string') return [value];
  return Array.isArray(value) ? value.map(String) : [];
}

function textOr(value: Json | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
