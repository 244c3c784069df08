/** What the tests use of it; the package brings no types. */
declare module 'hubot' {
  export class User {
    constructor(id: string, options: { readonly name: string; readonly room: string });
    readonly name: string;
  }
  export class TextMessage {
    constructor(user: User, text: string, id: string);
    readonly user: User;
    readonly room: string;
  }
  export interface Envelope {
    readonly room: string;
  }
  export interface Response {
    readonly match: readonly string[];
    readonly message: TextMessage;
    readonly envelope: Envelope;
    send(...texts: string[]): Promise<void>;
  }
  export class Adapter {
    constructor(robot: Robot);
    readonly robot: Robot;
    send(envelope: Envelope, ...texts: string[]): Promise<void>;
  }
  export class Robot {
    constructor(adapter: { use(robot: Robot): Promise<Adapter> }, httpd: boolean, name: string, alias: string);
    readonly commands: string[];
    helpCommands(): readonly string[];
    respond(pattern: RegExp, callback: (response: Response) => Promise<void>): void;
    receive(message: TextMessage): Promise<unknown>;
    messageRoom(room: string, ...texts: string[]): Promise<void>;
    loadAdapter(): Promise<void>;
    run(): Promise<void>;
    shutdown(): void;
  }
}
