import type { Json } from '../../model/index.ts';
import { type Cursor, objectAt } from './cursor.ts';
import { mapSchemas } from './schema-keys.ts';

/** References, `x-nullable`, `type: file` and discriminators as OpenAPI 3 writes them. */
export function schemaOf(cursor: Cursor): Json {
  objectAt(cursor);
  return mapSchemas(cursor.value ?? {}, (schema) => {
    const { $ref, discriminator, 'x-nullable': nullable, ...rest } = schema;
    if (typeof $ref === 'string') {
      const reference = { $ref: $ref.replace(/^#\/definitions\//, '#/components/schemas/') };
      return typeof rest.description === 'string' ? { description: rest.description, allOf: [reference] } : reference;
    }
    return {
      ...rest,
      ...(rest.type === 'file' ? { type: 'string', format: 'binary' } : {}),
      ...(nullable === true ? { nullable: true } : {}),
      ...(typeof discriminator === 'string' ? { discriminator: { propertyName: discriminator } } : {}),
    };
  });
}
