import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { type ErrorCode, messageOf, PetrelError } from '../model/index.ts';
import type { ApiServices } from './services.ts';

const STATUS: Partial<Record<ErrorCode, number>> = {
  invalid: 400,
  expression: 400,
  unauthorized: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  rate_limited: 429,
  unavailable: 503,
  timeout: 504,
};

/** Every failure as StackStorm says it: `{"faultstring": "<message>"}`; what we did not foresee is logged and stays nameless. */
export function errorHandler({ log, masker }: ApiServices) {
  return (error: FastifyError | PetrelError, request: FastifyRequest, reply: FastifyReply) => {
    const status = statusOf(error);
    if (status === 500)
      log.error(`${request.method} ${request.url.split('?')[0]}: ${messageOf(error)}\n${error.stack ?? ''}`);
    if (error instanceof PetrelError && error.code === 'rate_limited') {
      reply.header('Retry-After', String(error.details.retryAfter ?? 1));
    }
    const message = status === 500 ? 'Internal Server Error' : masker.mask(messageOf(error));
    return reply.code(status).send({ faultstring: message, ...more(error) });
  };
}

/** As StackStorm: who is in conflict with something is told its id. */
function more(error: FastifyError | PetrelError): object {
  const id = error instanceof PetrelError ? error.details['conflict-id'] : undefined;
  return typeof id === 'string' ? { 'conflict-id': id } : {};
}

function statusOf(error: FastifyError | PetrelError): number {
  if (error instanceof PetrelError) return STATUS[error.code] ?? 500;
  // As StackStorm: a content type that it does not know.
  if (error.statusCode === 415) return 400;
  return error.statusCode !== undefined && error.statusCode < 500 ? error.statusCode : 500;
}

export function notFound(what: string, id: string): PetrelError {
  return new PetrelError('not_found', `${what} with a reference or id "${id}" not found`);
}
