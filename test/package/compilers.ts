/** The oldest TypeScript that is supported, the last one in JavaScript, and the native one. */
export const compilers: readonly string[] = ['5.6.3', '5.9.3', '7.0.2'];
