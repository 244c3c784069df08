import type { Body, Expression, Signature, Statement, Target } from './nodes.ts';
import { children, expressionsOf, reads } from './scopes.ts';

/**
 * The names that a template may look up outside itself, as `jinja2.meta.find_undeclared_variables` answers: by the rules of
 * Jinja's compiler, which decides per frame (template, loop, macro, block) and not by the order of execution. So a name that is
 * set only in one branch of an `if` counts, and one that is read before it is set counts too.
 */
export function freeVariables(body: Body, globals: ReadonlyMap<string, unknown>): ReadonlySet<string> {
  const found = new Set<string>();
  const frame = new Frame(undefined);
  if (reads(body, 'self')) frame.declare('self');
  frame.visitBody(body);
  enter(frame, found);
  inner(body, frame, found);
  for (const name of found) if (globals.has(name)) found.delete(name);
  return found;
}

function enter(frame: Frame, found: Set<string>): void {
  for (const [name, load] of frame.loads) if (load === 'context') found.add(name);
}

/** Where a frame's name gets its value from when the frame begins. */
type Load = 'parameter' | 'context' | 'outer' | 'nothing';

class Frame {
  readonly loads = new Map<string, Load>();
  private stores = new Set<string>();
  private readonly parent: Frame | undefined;

  constructor(parent: Frame | undefined) {
    this.parent = parent;
  }

  private knows(name: string): boolean {
    return this.loads.has(name) || (this.parent?.knows(name) ?? false);
  }

  declare(name: string): void {
    this.stores.add(name);
    this.loads.set(name, 'parameter');
  }

  private load(name: string): void {
    if (!this.knows(name)) this.loads.set(name, 'context');
  }

  private store(name: string): void {
    this.stores.add(name);
    if (!this.loads.has(name)) this.loads.set(name, this.parent?.knows(name) === true ? 'outer' : 'nothing');
  }

  target(target: Target, asParameter = false): void {
    if (target.kind === 'tuple') for (const item of target.items) this.target(item, asParameter);
    else if (target.kind === 'member') this.load(target.of);
    else if (asParameter) this.declare(target.name);
    else this.store(target.name);
  }

  expression(expression: Expression): void {
    if (expression.kind === 'name') this.load(expression.name);
    else for (const child of children(expression)) this.expression(child);
  }

  visitBody(body: Body): void {
    for (const statement of body) this.visit(statement);
  }

  /** What a statement means for the frame it stands in. Bodies with a frame of their own are left out. */
  private visit(statement: Statement): void {
    switch (statement.kind) {
      case 'if':
        this.visitIf(statement.branches, statement.otherwise);
        return;
      case 'for':
        this.expression(statement.over);
        return;
      case 'macro':
        this.store(statement.name);
        return;
      case 'call-block':
        this.expression(statement.call);
        return;
      case 'set':
        this.expression(statement.value);
        this.target(statement.target);
        return;
      case 'set-block':
        this.target(statement.target);
        return;
      case 'block':
      case 'autoescape':
        return;
      case 'load':
        this.expression(statement.template);
        for (const name of statement.names) this.store(name);
        return;
      default:
        for (const expression of expressionsOf(statement)) this.expression(expression);
    }
  }

  private visitIf(branches: readonly { readonly test: Expression; readonly body: Body }[], otherwise: Body): void {
    const [first, ...rest] = branches;
    if (first === undefined) return;
    this.expression(first.test);
    const states = [
      this.branch((frame) => frame.visitBody(first.body)),
      // Each `elif` is an `if` of its own inside the branch of all of them.
      this.branch((frame) => {
        for (const branch of rest) frame.visitIf([branch], []);
      }),
      this.branch((frame) => frame.visitBody(otherwise)),
    ];
    const stored = new Set(states.flatMap((state) => [...state.stores]));
    for (const name of this.stores) stored.delete(name);
    for (const state of states) {
      for (const [name, load] of state.loads) this.loads.set(name, load);
      for (const name of state.stores) this.stores.add(name);
    }
    for (const name of stored) this.loads.set(name, this.parent?.knows(name) === true ? 'outer' : 'context');
  }

  private branch(visit: (frame: Frame) => void): Frame {
    const copy = new Frame(this.parent);
    for (const [name, load] of this.loads) copy.loads.set(name, load);
    copy.stores = new Set(this.stores);
    visit(copy);
    return copy;
  }
}

/** The frames inside a body. */
function inner(body: Body, frame: Frame, found: Set<string>): void {
  for (const statement of body) innerOf(statement, frame, found);
}

function child(frame: Frame, fill: (frame: Frame) => void, body: Body, found: Set<string>): void {
  const created = new Frame(frame);
  fill(created);
  enter(created, found);
  inner(body, created, found);
}

function innerOf(statement: Statement, frame: Frame, found: Set<string>): void {
  switch (statement.kind) {
    case 'if':
      for (const branch of statement.branches) inner(branch.body, frame, found);
      inner(statement.otherwise, frame, found);
      return;
    case 'for':
      loop(statement, frame, found);
      return;
    case 'macro':
    case 'call-block':
      macro(statement.signature, statement.body, frame, found);
      return;
    case 'set-block':
      child(
        frame,
        (created) => {
          created.visitBody(statement.body);
          if (statement.filter !== undefined) created.expression(statement.filter);
        },
        statement.body,
        found,
      );
      return;
    case 'with':
      child(
        frame,
        (created) => {
          for (const binding of statement.bindings) created.target(binding.target, true);
          created.visitBody(statement.body);
        },
        statement.body,
        found,
      );
      return;
    case 'filter-block':
      child(
        frame,
        (created) => {
          created.visitBody(statement.body);
          created.expression(statement.filter);
        },
        statement.body,
        found,
      );
      return;
    case 'autoescape':
      child(
        frame,
        (created) => {
          created.expression(statement.on);
          created.visitBody(statement.body);
        },
        statement.body,
        found,
      );
      return;
    case 'block': {
      // A block is a function of its own: it sees nothing of the frames around it.
      const created = new Frame(undefined);
      if (reads(statement.body, 'self')) created.declare('self');
      if (reads(statement.body, 'super')) created.declare('super');
      created.visitBody(statement.body);
      enter(created, found);
      inner(statement.body, created, found);
      return;
    }
    default:
  }
}

function loop(statement: Statement & { readonly kind: 'for' }, frame: Frame, found: Set<string>): void {
  const { test } = statement;
  if (test !== undefined) {
    const tested = new Frame(frame);
    tested.target(statement.target, true);
    tested.expression(test);
    enter(tested, found);
  }
  child(
    frame,
    (created) => {
      if (statement.recursive || reads(statement.body, 'loop')) created.declare('loop');
      created.target(statement.target, true);
      created.visitBody(statement.body);
    },
    statement.body,
    found,
  );
  if (statement.otherwise.length > 0) {
    child(frame, (created) => created.visitBody(statement.otherwise), statement.otherwise, found);
  }
}

function macro(signature: Signature, body: Body, frame: Frame, found: Set<string>): void {
  child(
    frame,
    (created) => {
      for (const parameter of signature.parameters) {
        if (parameter.otherwise !== undefined) created.expression(parameter.otherwise);
      }
      for (const parameter of signature.parameters) created.declare(parameter.name);
      for (const name of ['caller', 'kwargs', 'varargs']) if (reads(body, name)) created.declare(name);
      created.visitBody(body);
    },
    body,
    found,
  );
}
