import { inject, Injectable } from '@angular/core';
import { API_ADDRESS } from './api-address';
import { ApiError } from './api-error';
import { FETCH } from './browser';
import { decodeAnswerLine, decodeDocuments, decodeError, decodeModels } from './decode';
import { LanguageStore } from './language-store';
import { readJsonLines } from './ndjson';
import type { AnswerEvent, Feedback, LibraryDocument, Models, Question } from './wire';

/** The API as the client uses it. Every method rejects with an ApiError, or with the signal's reason. */
@Injectable({ providedIn: 'root' })
export class Api {
  private readonly fetch = inject(FETCH);
  private readonly language = inject(LanguageStore);

  readonly address = inject(API_ADDRESS);

  /** Asks a question; the answer arrives piece by piece and always ends with `done`, or throws. */
  async *ask(question: Question, signal: AbortSignal): AsyncGenerator<AnswerEvent> {
    const response = await this.send('/', signal, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({
        prompt: question.prompt,
        ...(question.documents.length > 0 && { documents: question.documents }),
        ...(question.model !== null && { model: question.model }),
      }),
    });
    if (!response.body) throw new ApiError({ kind: 'unexpected', status: response.status });
    try {
      for await (const line of readJsonLines(response.body, signal)) {
        const error = decodeError(line);
        if (error) throw new ApiError({ kind: 'refused', ...error });
        for (const event of decodeAnswerLine(line)) {
          yield event;
          if (event.type === 'done') return;
        }
      }
    } catch (cause) {
      if (cause instanceof ApiError || signal.aborted) throw cause;
      throw new ApiError({ kind: 'interrupted' }, { cause });
    }
    throw new ApiError({ kind: 'interrupted' });
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
