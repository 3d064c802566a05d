/** For `casts.test.ts`: two type assertions among what only looks like them. */
export const first: string = JSON.parse('""') as string;
export const names = ['as', 'x as string'] as const;
export const second: number | undefined = JSON.parse('{}').a as number | undefined; // x as string
export { first as third };
