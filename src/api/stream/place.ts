/** Where a reader of the stream is. As text it is the id of an event. */
export interface Place {
  /** Tells one run of the process from others: numbers mean nothing beyond it. */
  readonly epoch: string;
  /** The event that was seen last; 0: none yet. */
  readonly sequence: number;
  /** When that was, milliseconds: what another run of the process can go by. */
  readonly at: number;
}

export function placeText({ epoch, sequence, at }: Place): string {
  return `${epoch}-${sequence}-${at}`;
}

/** Undefined: not an id of ours. */
export function readPlace(text: string): Place | undefined {
  const [, epoch, sequence, at] = /^([0-9a-f]{24})-(\d{1,15})-(\d{1,15})$/.exec(text) ?? [];
  return epoch === undefined ? undefined : { epoch, sequence: Number(sequence), at: Number(at) };
}
