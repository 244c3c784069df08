import { type Jinja, keyLookups, MissingInput, type ReadKey, str } from '../../expressions/index.ts';
import { type Json, type JsonObject, messageOf, type ParameterSchemas, PetrelError } from '../../model/index.ts';
import { hasTemplate } from './schemas.ts';
import { renderStructure } from './structured.ts';

/** What parameters are rendered with. */
export interface Rendering {
  readonly runnerParameters: ParameterSchemas;
  readonly actionParameters: ParameterSchemas;
  /** What the caller supplied (stage one), or what stage one stored (stage two). */
  readonly values: JsonObject;
  /** More variables for templates, such as `trigger`. They are data: never rendered. */
  readonly variables: JsonObject;
  /** The execution's context: the variable `action_context`, and whose keys `st2kv.user` reads. */
  readonly actionContext: JsonObject;
  /** The pack's resolved configuration, `config_context`. Asked for only when a template needs it. */
  readonly config: () => JsonObject;
  readonly jinja: Jinja;
  /** Reads a datastore key; may throw `MissingInput`. */
  readonly key: ReadKey;
}

/** A parameter's value as written: data, or a template and the names it depends on. */
type Node =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'later'; readonly value: () => unknown }
  | { readonly kind: 'template'; readonly template: Json; readonly needs: ReadonlySet<string> };

/** What `st2kv.system` was called before StackStorm 2.0. Packs of that time write it; whatever else has the name comes first. */
const FORMER_KEYS = 'system';

/** The parameters and variables of one request, and what depends on what (stackstorm-jinja-and-datastore.md, section 3.1). */
export class Graph {
  private readonly nodes = new Map<string, Node>();
  private readonly resolved = new Map<string, unknown>();
  private readonly jinja: Jinja;
  private readonly keys: () => ReturnType<typeof keyLookups>;
  private configFailure: unknown;

  /** `tolerant`: a configuration that cannot be resolved counts as empty. */
  constructor(rendering: Rendering, tolerant: boolean) {
    const { actionContext, config, key, variables } = rendering;
    this.jinja = rendering.jinja;
    this.keys = () => keyLookups(key, { user: userOf(actionContext) });
    this.nodes.set('st2kv', { kind: 'later', value: this.keys });
    this.nodes.set('action_context', { kind: 'value', value: actionContext });
    this.nodes.set('config_context', {
      kind: 'later',
      value: () => (tolerant ? this.tolerated(config) : config()),
    });
    for (const [name, value] of Object.entries(variables)) this.nodes.set(name, { kind: 'value', value });
  }

  private tolerated(config: () => JsonObject): JsonObject {
    try {
      return config();
    } catch (error) {
      if (!(error instanceof PetrelError)) throw error;
      // Told to the user when something that needs the configuration fails because of it.
      this.configFailure = error;
      return {};
    }
  }

  /** A value that is rendered when it holds templates that parse. */
  addTemplate(name: string, value: Json): void {
    this.nodes.set(name, hasTemplate(value) ? this.templateNode(value) : { kind: 'value', value });
  }

  addValue(name: string, value: Json): void {
    this.nodes.set(name, { kind: 'value', value });
  }

  private templateNode(value: Json): Node {
    // Of a list or an object, StackStorm parses what Python prints of it.
    const source = typeof value === 'string' ? value : str(value);
    try {
      return { kind: 'template', template: value, needs: this.jinja.compile(source).variables };
    } catch (error) {
      if (!(error instanceof PetrelError)) throw error;
      // Text that is no Jinja stays what it is; a filter that does not exist is told when the value is rendered.
      if (error.details.kind === 'TemplateSyntaxError') return { kind: 'value', value };
      return { kind: 'template', template: value, needs: new Set() };
    }
  }

  /** Fills in defaults: where a parameter is absent or null, or may not be supplied at all. The action's go before the runner's. */
  addDefaults(rendering: Pick<Rendering, 'actionParameters' | 'runnerParameters'>): void {
    const done = new Set<string>();
    for (const schemas of [rendering.actionParameters, rendering.runnerParameters]) {
      for (const [name, schema] of Object.entries(schemas)) {
        const node = this.nodes.get(name);
        const empty = node === undefined || (node.kind === 'value' && node.value === null);
        if (empty || (schema.immutable === true && !done.has(name))) this.addTemplate(name, schema.default ?? null);
        done.add(name);
      }
    }
  }

  /** Throws `PetrelError` (`invalid`) for names that do not exist, and for templates that need each other. */
  check(): void {
    for (const node of this.nodes.values()) {
      if (node.kind !== 'template') continue;
      for (const needed of [...node.needs].sort()) {
        if (!this.nodes.has(needed) && needed !== FORMER_KEYS)
          throw new PetrelError('invalid', `Dependency unsatisfied in variable "${needed}"`);
      }
    }
    const cyclic = this.cycles();
    if (cyclic.length === 0) return;
    throw new PetrelError(
      'invalid',
      `Cyclic dependency found in the following variables: ${cyclic.sort().join(', ')}. Likely the variable is referencing itself`,
    );
  }

  /** One name of each cycle that a walk along the dependencies meets. */
  private cycles(): string[] {
    const found: string[] = [];
    const finished = new Set<string>();
    const walk = (name: string, path: ReadonlySet<string>): void => {
      const node = this.nodes.get(name);
      if (node?.kind !== 'template' || finished.has(name)) return;
      const here = new Set(path).add(name);
      for (const needed of node.needs) {
        if (here.has(needed)) found.push(name);
        else walk(needed, here);
      }
      finished.add(name);
    };
    for (const name of this.nodes.keys()) walk(name, new Set());
    return found;
  }

  /** The value of a parameter or variable, rendered. What it depends on must have been checked. */
  resolve(name: string): unknown {
    if (this.resolved.has(name)) return this.resolved.get(name);
    const node = this.nodes.get(name);
    if (node === undefined) return name === FORMER_KEYS ? this.keys().system : undefined;
    let value: unknown;
    if (node.kind === 'value') value = node.value;
    else if (node.kind === 'later') value = node.value();
    else value = this.render(name, node.template, node.needs);
    this.resolved.set(name, value);
    return value;
  }

  private render(name: string, template: Json, needs: ReadonlySet<string>): Json {
    const variables = new Map<string, unknown>();
    for (const needed of needs) variables.set(needed, this.resolve(needed));
    try {
      if (typeof template === 'string') return this.jinja.compile(template).render(variables);
      return renderStructure(template, this.jinja, variables);
    } catch (error) {
      if (error instanceof MissingInput || !(error instanceof PetrelError)) throw error;
      const reason = typeof error.details.reason === 'string' ? error.details.reason : error.message;
      const config =
        needs.has('config_context') && this.configFailure !== undefined
          ? ` (the configuration of the pack could not be read: ${messageOf(this.configFailure)})`
          : '';
      throw new PetrelError('invalid', `Failed to render parameter "${name}": ${reason}${config}`, {
        cause: error,
        details: { ...error.details, parameter: name },
      });
    }
  }
}

/** Whose keys `st2kv.user` reads. */
function userOf(context: JsonObject): string {
  for (const name of [context.api_user, context.user]) if (typeof name === 'string' && name !== '') return name;
  return 'stanley';
}
