// Kept from the start, so that a test's fake clock cannot stop the database.
const afterThisTurn = setImmediate;

/**
 * For work that is done in parts: each part waits for a turn of the event loop of its own, however many such works there are, so that
 * nothing else waits for more than one part.
 */
export function createTurns(): () => Promise<void> {
  const waiting: (() => void)[] = [];
  const next = (): void => {
    waiting.shift()?.();
    if (waiting.length > 0) afterThisTurn(next);
  };
  return () =>
    new Promise((resolve) => {
      waiting.push(resolve);
      if (waiting.length === 1) afterThisTurn(next);
    });
}
