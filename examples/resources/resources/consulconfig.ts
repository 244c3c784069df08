import { defineResource, z } from 'petrel/sdk';

const place = { prefix: '{{ owner.name }}', tag: '{{ owner.tag }}' };

/** A ConsulConfig is a folder of keys in Consul that says exactly what its spec says. */
export default defineResource({
  group: 'settings.example.dev',
  kind: 'ConsulConfig',
  shortNames: ['cc'],
  install: true,
  versions: [
    {
      name: 'v1',
      spec: z.object({
        data: z.record(z.string(), z.string()).describe('Keys and their values.'),
        flag: z.string().optional().describe('A Flag that must be set before.'),
      }),
    },
  ],
  create: { action: 'write_keys', input: { ...place, data: '{{ desired.data }}' } },
  delete: { action: 'delete_keys', input: { ...place, policy: '{{ policy }}' } },
  list: { action: 'list_keys' },
  resync: 5,
  driftPolicy: 'correct',
  dependencies: [{ kind: 'Flag', name: "{{ desired.flag | default('') }}" }],
});
