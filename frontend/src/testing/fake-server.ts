import { FETCH, NEXT_FRAME, SLEEP } from '../app/core/browser';

interface Sent {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headers: Headers;
  readonly body: unknown;
  readonly signal: AbortSignal | null;
}

type Answer = () => Response | Promise<Response>;

/** An API that answers as a test says, at the seam where the client sends its requests. */
export class FakeServer {
  readonly sent: Sent[] = [];
  private readonly answers = new Map<string, Answer>();

  readonly providers = [
    { provide: FETCH, useValue: this.fetch.bind(this) },
    { provide: SLEEP, useValue: () => Promise.resolve() },
    {
      provide: NEXT_FRAME,
      useValue: (paint: () => void) => {
        paint();
      },
    },
  ];

  /** Sets how a path is answered from now on. */
  on(path: string, answer: Answer): this {
    this.answers.set(path, answer);
    return this;
  }

  json(path: string, body: unknown, status = 200): this {
    return this.on(path, () => Response.json(body, { status }));
  }

  down(...paths: string[]): this {
    for (const path of paths) {
      this.on(path, () => Promise.reject(new TypeError('Failed to fetch')));
    }
    return this;
  }

  /** Answers questions from a stream that the test writes. */
  answer(): AnswerStream {
    const stream = new AnswerStream();
    this.on('/', () => stream.response());
    return stream;
  }

  /** Answers who comes back for an answer of this name. */
  resumed(name: string): AnswerStream {
    const stream = new AnswerStream();
    this.on(`/answers/${name}`, () => stream.response());
    return stream;
  }

  questions(): Sent[] {
    return this.sent.filter(({ path }) => path === '/');
  }

  private fetch(input: RequestInfo | URL, init: RequestInit = {}): Promise<Response> {
    const url = new URL(input instanceof Request ? input.url : input);
    const signal = init.signal ?? null;
    this.sent.push({
      method: init.method ?? 'GET',
      path: url.pathname,
      query: url.search,
      headers: new Headers(init.headers),
      body: typeof init.body === 'string' ? (JSON.parse(init.body) as unknown) : null,
      signal,
    });
    const answer = this.answers.get(url.pathname);
    if (!answer) return Promise.resolve(Response.json({}, { status: 500 }));
    return Promise.resolve(answer());
  }
}

/** An answer's stream, written line by line. */
export class AnswerStream {
  private controller!: ReadableStreamDefaultController<Uint8Array>;
  cancelled = false;

  private readonly stream = new ReadableStream<Uint8Array>({
    start: (controller) => {
      this.controller = controller;
    },
    cancel: () => {
      this.cancelled = true;
    },
  });

  response(): Response {
    return new Response(this.stream, { headers: { 'Content-Type': 'application/x-ndjson' } });
  }

  sources(...sources: object[]): this {
    return this.line({ model: 'llama3:latest', message: { content: '' }, done: false, sources });
  }

  text(content: string): this {
    return this.line({ message: { content }, done: false });
  }

  done(reason = 'stop'): void {
    this.line({ message: { content: '' }, done: true, done_reason: reason, citations: [] }).end();
  }

  line(value: object): this {
    return this.bytes(JSON.stringify(value) + '\n');
  }

  bytes(text: string): this {
    this.controller.enqueue(new TextEncoder().encode(text));
    return this;
  }

  end(): void {
    this.controller.close();
  }

  fail(): void {
    this.controller.error(new TypeError('network error'));
  }
}

/** Lets everything that waits on answers and streams go on. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((go) => setTimeout(go));
}
