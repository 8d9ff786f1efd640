/**
 * A stream of newline-delimited JSON that ended in the middle of a line, or held a line that is not JSON.
 * Either way what follows can't be trusted, so reading stops.
 */
export class BrokenLineError extends Error {
  override readonly name = 'BrokenLineError';
}

/**
 * Reads newline-delimited JSON (https://github.com/ndjson/ndjson-spec), yielding each line as soon as its
 * end has arrived. Pieces may be cut anywhere, also within a character.
 *
 * Every line ends with a line feed; what is left without one when the stream ends was cut off, even where it
 * happens to parse, and is a BrokenLineError. Blank lines are skipped. Aborting the signal cancels the
 * stream and throws the signal's reason.
 */
export async function* readJsonLines(
  stream: ReadableStream<Uint8Array>,
  signal: AbortSignal,
): AsyncGenerator<unknown, void, undefined> {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  const cancel = () => {
    // A stream that has failed on its own rejects the cancellation: there is nothing left to cancel.
    reader.cancel(signal.reason).catch(() => undefined);
  };
  signal.addEventListener('abort', cancel, { once: true });
  try {
    signal.throwIfAborted();
    let partial = '';
    for (;;) {
      const { done, value } = await reader.read();
      signal.throwIfAborted();
      if (done) break;
      const lines = (partial + decoder.decode(value, { stream: true })).split('\n');
      partial = lines.pop() ?? '';
      for (const line of lines) {
        if (line.trim() === '') continue;
        yield parse(line);
        signal.throwIfAborted();
      }
    }
    partial += decoder.decode();
    if (partial.trim() !== '')
      throw new BrokenLineError(`The stream ended within a line: ${partial}`);
  } finally {
    signal.removeEventListener('abort', cancel);
    // Also when the reader of this generator leaves early: the server should stop writing.
    await reader.cancel().catch(() => undefined);
  }
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch (cause) {
    throw new BrokenLineError(`A line of the stream is not JSON: ${line}`, { cause });
  }
}
