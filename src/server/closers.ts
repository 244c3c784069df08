/** What has to be let go when the server stops, or does not come up. */
export interface Closers {
  push(close: () => Promise<void> | void): void;
  /**
   * Lets all go, the newest first; what cannot be let go keeps nothing else from it. Throws the first failure: a database that is gone
   * lets nobody give back a lease.
   */
  unwind(): Promise<void>;
}

export function createClosers(): Closers {
  const closers: (() => Promise<void> | void)[] = [];
  return {
    push: (close) => void closers.push(close),
    async unwind() {
      const failures: unknown[] = [];
      for (const close of closers.splice(0).reverse()) {
        try {
          await close();
        } catch (error) {
          failures.push(error);
        }
      }
      if (failures.length > 0) throw failures[0];
    },
  };
}
