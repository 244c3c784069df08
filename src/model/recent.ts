/**
 * Puts an entry into a map that holds at most so many: the one that was put first is forgotten. What is put again is new; a reader
 * that puts back what it found forgets what was not asked for longest.
 */
export function putRecent<K, V>(map: Map<K, V>, key: K, value: V, most: number): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= most) return;
  for (const oldest of map.keys()) {
    map.delete(oldest);
    return;
  }
}
