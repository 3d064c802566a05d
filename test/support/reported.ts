/**
 * A hook that prints what it throws. uvu swallows the error of a `before` hook; the run then only tells that the suite's
 * tests did not run.
 */
export function reported(hook: () => unknown): () => Promise<void> {
  return async () => {
    try {
      await hook();
    } catch (error) {
      console.error(error);
      throw error;
    }
  };
}
