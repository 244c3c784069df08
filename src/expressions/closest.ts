/**
 * A hint for messages about unknown names: ` Did you mean 'x'?` for the known name that is closest, or nothing when none is close.
 */
export function closest(name: string, known: Iterable<string>): string {
  const allowed = name.length < 4 ? 1 : 2;
  let best: string | undefined;
  let bestDistance = allowed + 1;
  let looked = 0;
  for (const candidate of known) {
    looked += 1;
    // Data may have very many keys: a hint is not worth more than this.
    if (looked > 1000) break;
    if (Math.abs(candidate.length - name.length) > allowed || candidate.length > 60) continue;
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance && candidate !== name) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best === undefined ? '' : ` Did you mean '${best}'?`;
}

/** Insertions, deletions, replacements and swaps of neighbours that turn one text into the other. */
function editDistance(left: string, right: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 1; row <= left.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= right.length; column += 1) {
      const same = left[row - 1] === right[column - 1];
      let cost = Math.min(
        (previous[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (previous[column - 1] ?? 0) + (same ? 0 : 1),
      );
      if (row > 1 && column > 1 && left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1]) {
        cost = Math.min(cost, (before[column - 2] ?? 0) + 1);
      }
      current.push(cost);
    }
    before = previous;
    previous = current;
  }
  return previous[right.length] ?? 0;
}
