import type { Body, CallArguments, Expression, Statement, Target } from './nodes.ts';

/** Calls `visit` for every name that an expression reads. */
export function namesIn(expression: Expression, visit: (name: string) => void): void {
  switch (expression.kind) {
    case 'name':
      visit(expression.name);
      return;
    default:
      for (const child of children(expression)) namesIn(child, visit);
  }
}

/** The expressions an expression is made of, in the order they are evaluated. */
export function children(expression: Expression): Expression[] {
  switch (expression.kind) {
    case 'const':
    case 'name':
      return [];
    case 'tuple':
    case 'list':
      return [...expression.items];
    case 'dict':
      return expression.entries.flatMap((entry) => [entry.key, entry.value]);
    case 'binary':
    case 'logic':
      return [expression.left, expression.right];
    case 'unary':
      return [expression.operand];
    case 'compare':
      return [expression.first, ...expression.rest.map((part) => part.operand)];
    case 'concat':
      return [...expression.parts];
    case 'condition':
      return present([expression.test, expression.then, expression.otherwise]);
    case 'attribute':
      return [expression.of];
    case 'item':
      return [expression.of, expression.key];
    case 'slice':
      return present([expression.start, expression.stop, expression.step]);
    case 'call':
    case 'test':
      return [expression.of, ...argumentsOf(expression.call)];
    case 'filter':
      return present([expression.of, ...argumentsOf(expression.call)]);
  }
}

function argumentsOf(call: CallArguments): Expression[] {
  return present([
    ...call.positional,
    ...call.keywords.map((keyword) => keyword.value),
    call.spread,
    call.spreadKeywords,
  ]);
}

function present(expressions: readonly (Expression | undefined)[]): Expression[] {
  return expressions.filter((expression) => expression !== undefined);
}

/** The expressions directly in a statement, not those of bodies inside it. */
export function expressionsOf(statement: Statement): Expression[] {
  switch (statement.kind) {
    case 'text':
    case 'block':
      return [];
    case 'output':
    case 'set':
      return [statement.value];
    case 'if':
      return statement.branches.map((branch) => branch.test);
    case 'for':
      return present([statement.over, statement.test]);
    case 'set-block':
      return present([statement.filter]);
    case 'with':
      return statement.bindings.map((binding) => binding.value);
    case 'macro':
      return present(statement.signature.parameters.map((parameter) => parameter.otherwise));
    case 'call-block':
      return present([statement.call, ...statement.signature.parameters.map((parameter) => parameter.otherwise)]);
    case 'filter-block':
      return [statement.filter];
    case 'autoescape':
      return [statement.on];
    case 'load':
      return [statement.template];
  }
}

export function bodiesOf(statement: Statement): Body[] {
  switch (statement.kind) {
    case 'if':
      return [...statement.branches.map((branch) => branch.body), statement.otherwise];
    case 'for':
      return [statement.body, statement.otherwise];
    case 'set-block':
    case 'with':
    case 'macro':
    case 'call-block':
    case 'filter-block':
    case 'block':
    case 'autoescape':
      return [statement.body];
    default:
      return [];
  }
}

/** Visits every statement, at any depth. */
export function walk(body: Body, visit: (statement: Statement) => void): void {
  for (const statement of body) {
    visit(statement);
    for (const inner of bodiesOf(statement)) walk(inner, visit);
  }
}

/** Visits every expression of a template, at any depth. */
export function walkExpressions(body: Body, visit: (expression: Expression) => void): void {
  const deep = (expression: Expression): void => {
    visit(expression);
    for (const child of children(expression)) deep(child);
  };
  walk(body, (statement) => {
    for (const expression of expressionsOf(statement)) deep(expression);
  });
}

/** The names a target assigns. Members of namespaces are no names. */
export function targetNames(target: Target): string[] {
  if (target.kind === 'name') return [target.name];
  return target.kind === 'tuple' ? target.items.flatMap(targetNames) : [];
}

/** Whether a name is read anywhere inside, nested bodies included, except in blocks. */
export function reads(body: Body, name: string): boolean {
  return body.some((statement) => {
    if (statement.kind === 'block') return false;
    let found = false;
    for (const expression of expressionsOf(statement)) {
      namesIn(expression, (other) => {
        if (other === name) found = true;
      });
    }
    return found || bodiesOf(statement).some((inner) => reads(inner, name));
  });
}
