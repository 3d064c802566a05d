import type { ReactiveSecret } from '../../src/reactive.ts';

export const secrets: readonly ReactiveSecret[] = [{ id: 'a', secret: 'only the bench knows this secret' }];
