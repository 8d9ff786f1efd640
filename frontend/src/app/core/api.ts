import { inject, Injectable } from '@angular/core';
import { API_ADDRESS } from './api-address';
import { ApiError } from './api-error';
import { FETCH, SLEEP } from './browser';
import {
  decodeAnswerLine,
  decodeAnswerName,
  decodeDocuments,
  decodeError,
  decodeModels,
} from './decode';
import { LanguageStore } from './language-store';
import { readJsonLines } from './ndjson';
import type { AnswerEvent, Feedback, LibraryDocument, Message, Models, Question } from './wire';

/** Milliseconds before each try to come back; the server gives an answer up after ten seconds alone. */
const COMING_BACK = [200, 500, 1_000, 2_000, 4_000];

/** The API as the client uses it. Every method rejects with an ApiError, or with the signal's reason. */
@Injectable({ providedIn: 'root' })
export class Api {
  private readonly fetch = inject(FETCH);
  private readonly sleep = inject(SLEEP);
  private readonly language = inject(LanguageStore);

  readonly address = inject(API_ADDRESS);

  /**
   * Asks a question, after what was said before; the answer arrives piece by piece and always ends with
   * `done`, or throws. A connection that is lost on the way is made again, and reads on where it was.
   */
  async *ask(
    question: Question,
    history: readonly Message[],
    signal: AbortSignal,
  ): AsyncGenerator<AnswerEvent> {
    const read = { name: '', lines: 0, ended: false };
    try {
      let response = await this.send('/', signal, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({
          prompt: question.prompt,
          ...(question.documents.length > 0 && { documents: question.documents }),
          ...(question.model !== null && { model: question.model }),
          ...(history.length > 0 && { history }),
        }),
      });
      for (let lost = 0; !read.ended;) {
        const before = read.lines;
        try {
          yield* this.follow(response, read, signal);
        } catch (cause) {
          if (cause instanceof ApiError || signal.aborted) throw cause;
          lost = read.lines > before ? 1 : lost + 1;
          response = await this.comeBack(read, lost, cause, signal);
        }
      }
    } finally {
      if (read.name && !read.ended) this.stop(read.name);
    }
  }

  /** The events of a response's lines. Throws what isn't an ApiError where the connection is lost. */
  private async *follow(
    response: Response,
    read: { name: string; lines: number; ended: boolean },
    signal: AbortSignal,
  ): AsyncGenerator<AnswerEvent> {
    if (!response.body) throw new ApiError({ kind: 'unexpected', status: response.status });
    for await (const line of readJsonLines(response.body, signal)) {
      read.lines += 1;
      read.name ||= decodeAnswerName(line);
      const error = decodeError(line);
      read.ended = error !== null;
      if (error) throw new ApiError({ kind: 'refused', ...error });
      for (const event of decodeAnswerLine(line)) {
        read.ended = event.type === 'done';
        yield event;
        if (read.ended) return;
      }
    }
    throw new Error('The stream ended before the answer did.');
  }

  /** Reads on after a lost connection; an answer that told no name yet is lost with it. */
  private async comeBack(
    read: { name: string; lines: number },
    lost: number,
    cause: unknown,
    signal: AbortSignal,
  ): Promise<Response> {
    for (const wait of COMING_BACK.slice(lost - 1)) {
      if (!read.name) break;
      await this.sleep(wait);
      signal.throwIfAborted();
      try {
        return await this.send(`/answers/${read.name}?after=${read.lines}`, signal, {});
      } catch (error) {
        if (!(error instanceof ApiError) || error.failure.kind !== 'unreachable') throw error;
      }
    }
    throw new ApiError({ kind: 'interrupted' }, { cause });
  }

  /** Nobody reads this answer any more: its model may rest. */
  private stop(name: string): void {
    this.fetch(`${this.address}/answers/${name}`, { method: 'DELETE', keepalive: true }).catch(
      () => undefined, // where the server is away, so is its model
    );
  }

  async models(signal: AbortSignal): Promise<Models> {
    return decodeModels(await this.json('/models', signal));
  }

  async documents(signal: AbortSignal): Promise<LibraryDocument[]> {
    return decodeDocuments(await this.json('/documents', signal));
  }

  /** Says what a person thinks of an answer; resolves once the server has kept it. */
  async say(feedback: Feedback, signal: AbortSignal): Promise<void> {
    const { question, verdict, sources, right, note } = feedback;
    await this.send('/feedback', signal, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({
        question,
        verdict,
        sources,
        ...(right !== null && { right }),
        ...(note !== '' && { note }),
      }),
    });
  }

  /** The full address of a path that the API sent, such as a source's picture; null for any other origin. */
  url(path: string): string | null {
    const url = new URL(path, this.address);
    return url.origin === this.address ? url.href : null;
  }

  pagePicture(document: string, page: number): string {
    return `${this.address}/documents/${encodeURIComponent(document)}/pages/${page}.png`;
  }

  /** The original file; PDF viewers open it at the page. */
  original(document: string, page: number | null): string {
    const fragment = page === null ? '' : `#page=${page}`;
    return `${this.address}/documents/${encodeURIComponent(document)}/file${fragment}`;
  }

  private async json(path: string, signal: AbortSignal): Promise<unknown> {
    const response = await this.send(path, signal, {});
    return parse(await response.text(), response.status);
  }

  private async send(path: string, signal: AbortSignal, init: RequestInit): Promise<Response> {
    const headers = new Headers(init.headers);
    headers.set('Accept-Language', this.language.tag());
    let response: Response;
    try {
      response = await this.fetch(this.address + path, { ...init, headers, signal });
    } catch (cause) {
      if (signal.aborted) throw cause;
      throw new ApiError({ kind: 'unreachable' }, { cause });
    }
    if (response.ok) return response;
    const error = decodeError(parse(await response.text().catch(() => ''), response.status));
    if (error) throw new ApiError({ kind: 'refused', ...error });
    throw new ApiError({ kind: 'unexpected', status: response.status });
  }
}

function parse(body: string, status: number): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch (cause) {
    throw new ApiError({ kind: 'unexpected', status }, { cause });
  }
}
