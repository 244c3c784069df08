import { PythonObject } from '../python/index.ts';
import type { Execute } from './compile-statement.ts';
import { Markup } from './markup.ts';
import { type Run, Scope } from './run.ts';

/** The `self` variable: its attributes are functions that render the template's blocks. */
export class SelfReference extends PythonObject {
  readonly typeName = 'TemplateReference';

  override repr(): string {
    return '<TemplateReference None>';
  }

  private readonly run: Run;
  private readonly blocks: ReadonlyMap<string, Execute>;

  constructor(run: Run, blocks: ReadonlyMap<string, Execute>) {
    super();
    this.run = run;
    this.blocks = blocks;
  }

  override attribute(name: string): unknown {
    const block = this.blocks.get(name);
    if (block === undefined) return undefined;
    return new BlockReference(this.run, block);
  }
}

/** `self.name`: called, it answers the text of the block. */
class BlockReference extends PythonObject {
  readonly typeName = 'BlockReference';
  private readonly run: Run;
  private readonly block: Execute;

  constructor(run: Run, block: Execute) {
    super();
    this.run = run;
    this.block = block;
  }

  override repr(): string {
    return '<jinja2.runtime.BlockReference object at 0x7f0000000000>';
  }

  override call(): unknown {
    const { run } = this;
    run.enter();
    const text = run.within(new Scope(run.root), () => run.capture(() => this.block(run)));
    run.leave();
    return run.escaping ? new Markup(text) : text;
  }
}
