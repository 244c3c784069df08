/**
 * Keys and secrets: the datastore's entries, encryption at rest, and keeping secrets out of everything that is shown.
 * It stores nothing itself (the store does), and knows nothing of templates, packs or HTTP.
 */
export { createCipher } from './cipher.ts';
export { type Cipher, type Key, type KeyAddress, type KeyValueStore, MASKED, type Masker } from './datastore.ts';
export { openKeyFile } from './key-file.ts';
export { createKeyValueStore, type KeyChange, type OnKeyChange } from './key-value-store.ts';
export { createMasker } from './masker.ts';
export { maskValues, openValues, sealValues } from './seals.ts';
export { maskParameters, openParameters, sealParameters } from './secret-parameters.ts';
export { openStackStormKey, type StackStormKey } from './stackstorm-key.ts';
export { createStreamMasker, type StreamMasker } from './stream-masker.ts';
