import type { ReactiveSecret } from '../../src/reactive/keys/WireKeys.ts';

export const secrets: readonly ReactiveSecret[] = [{ id: 'a', secret: 'only the bench knows this secret' }];
