/** Cleans up on Ctrl-C and SIGTERM, then exits; a second signal ends the process at once. */
export function onInterrupt(cleanUp: () => Promise<void>): void {
  let asked = false;
  const stop = (signal: NodeJS.Signals) => {
    if (asked) process.exit(130);
    asked = true;
    cleanUp().then(
      () => process.exit(signal === 'SIGINT' ? 130 : 0),
      (error: unknown) => {
        process.stderr.write(`petrel: could not stop cleanly: ${String(error)}\n`);
        process.exit(1);
      },
    );
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
}
