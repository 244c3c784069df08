export interface ServerSentEvent {
  readonly name: string;
  /** Empty: it tells only its id, the place of a reader that has heard nothing yet. */
  readonly data: string;
  readonly id?: string;
}

/** Server-sent events as the HTML standard reads them. An event that was cut off is dropped: it will be sent again. */
export async function* parseEvents(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<ServerSentEvent> {
  const decoder = new TextDecoder();
  let rest = '';
  let event: { name?: string; id?: string; data: string[] } = { data: [] };
  for await (const chunk of chunks) {
    rest += decoder.decode(chunk, { stream: true });
    // A carriage return at the very end may be half of a line's end.
    const lines = rest.split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line === '') {
        const { name = 'message', data, id } = event;
        event = { data: [] };
        if (data.length > 0 || id !== undefined) yield { name, data: data.join('\n'), ...(id !== undefined && { id }) };
        continue;
      }
      const [, field, value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
      if (field === 'event') event.name = value;
      else if (field === 'id') event.id = value;
      else if (field === 'data') event.data.push(value);
    }
  }
}
