import { BrokenLineError, readJsonLines } from './ndjson';

const RECORDS = [{ text: 'Olá, coração — ção 🗂️' }, { done: false }, { n: [1, 2, 3] }];
const BYTES = new TextEncoder().encode(RECORDS.map((one) => JSON.stringify(one) + '\n').join(''));

function streamOf(...pieces: (string | Uint8Array)[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const piece of pieces) {
        controller.enqueue(typeof piece === 'string' ? new TextEncoder().encode(piece) : piece);
      }
      controller.close();
    },
  });
}

async function read(stream: ReadableStream<Uint8Array>, signal = new AbortController().signal) {
  const lines: unknown[] = [];
  for await (const line of readJsonLines(stream, signal)) lines.push(line);
  return lines;
}

describe('readJsonLines', () => {
  it('reads the same lines wherever the stream is cut in two, also within a character', async () => {
    for (let cut = 0; cut <= BYTES.length; cut++) {
      expect(await read(streamOf(BYTES.slice(0, cut), BYTES.slice(cut)))).toEqual(RECORDS);
    }
  });

  it('reads lines that come byte by byte', async () => {
    expect(await read(streamOf(...Array.from(BYTES, (byte) => Uint8Array.of(byte))))).toEqual(
      RECORDS,
    );
  });

  it('reads several lines that come in one piece', async () => {
    expect(await read(streamOf(BYTES))).toEqual(RECORDS);
  });

  it('yields a line as soon as it has ended, without waiting for the next', async () => {
    let write!: ReadableStreamDefaultController<Uint8Array>;
    const stream = new ReadableStream<Uint8Array>({
      start: (controller) => void (write = controller),
    });
    const lines = readJsonLines(stream, new AbortController().signal);
    write.enqueue(new TextEncoder().encode('{"a":1}\n{"b"'));
    expect((await lines.next()).value).toEqual({ a: 1 });
    write.close();
    await expect(lines.next()).rejects.toThrow(BrokenLineError);
  });

  it('skips blank lines and takes a carriage return before the line feed', async () => {
    expect(await read(streamOf('{"a":1}\r\n\n  \n{"b":2}\n'))).toEqual([{ a: 1 }, { b: 2 }]);
  });

  it('fails on a last line that was cut anywhere, even where it parses', async () => {
    const whole = '{"done":true}\n';
    for (let cut = 1; cut < whole.length; cut++) {
      await expect(read(streamOf('{"a":1}\n', whole.slice(0, cut)))).rejects.toThrow(
        BrokenLineError,
      );
    }
  });

  it('fails on a stream that ends within a character', async () => {
    const bytes = new TextEncoder().encode('ç');
    await expect(read(streamOf(bytes.slice(0, 1)))).rejects.toThrow(BrokenLineError);
  });

  it('fails on a line that is not JSON, after those that were', async () => {
    const lines = readJsonLines(streamOf('{"a":1}\n<html>\n'), new AbortController().signal);
    expect((await lines.next()).value).toEqual({ a: 1 });
    await expect(lines.next()).rejects.toThrow(/<html>/);
  });

  it('passes on the error of a stream that breaks', async () => {
    const stream = new ReadableStream<Uint8Array>({
      start: (controller) => {
        controller.error(new TypeError('network error'));
      },
    });
    await expect(read(stream)).rejects.toThrow('network error');
  });

  it('stops waiting, and cancels the stream, when it is aborted', async () => {
    let cancelled: unknown = null;
    const stream = new ReadableStream<Uint8Array>({
      cancel: (reason) => void (cancelled = reason),
    });
    const controller = new AbortController();
    const reading = read(stream, controller.signal);
    controller.abort(new Error('enough'));
    await expect(reading).rejects.toThrow('enough');
    expect(cancelled).toEqual(new Error('enough'));
  });

  it('yields nothing more after it is aborted, even of what has come already', async () => {
    const controller = new AbortController();
    const lines = readJsonLines(streamOf('{"a":1}\n{"b":2}\n'), controller.signal);
    await lines.next();
    controller.abort();
    await expect(lines.next()).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('does not begin when it is aborted already', async () => {
    await expect(read(streamOf(BYTES), AbortSignal.abort())).rejects.toMatchObject({
      name: 'AbortError',
    });
  });

  it('cancels the stream when its reader leaves early', async () => {
    let cancelled = false;
    const stream = new ReadableStream<Uint8Array>({
      start: (controller) => {
        controller.enqueue(BYTES);
      },
      cancel: () => void (cancelled = true),
    });
    for await (const line of readJsonLines(stream, new AbortController().signal)) {
      expect(line).toEqual(RECORDS[0]);
      break;
    }
    expect(cancelled).toBe(true);
  });
});
