/**
 * A typed client of Petrel's API, which is also StackStorm's: what `petrel/client` exports, and what the command line is written with.
 * It speaks HTTP by `fetch` and needs nothing of the server's code but the vocabulary. It keeps no state and finds no server: where that is,
 * and who asks, is said by who makes it.
 */
export type * from './api-types.ts';
export { type Client, createClient, type Page } from './client.ts';
export type { EventQuery, FollowOptions, OutputEvent, StreamEvent } from './events.ts';
export type { Asked, Listing, Operation, QueryValue } from './operations.ts';
export { type Answer, type Method, type Server, send } from './transport.ts';
