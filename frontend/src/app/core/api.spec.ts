import { TestBed } from '@angular/core/testing';
import { aWireSource } from '../../testing/records';
import { AnswerStream, FakeServer, settle } from '../../testing/fake-server';
import { Api } from './api';
import { LanguageStore } from './language-store';
import type { AnswerEvent, Question } from './wire';

const QUESTION: Question = { prompt: 'Qual é o prazo?', documents: [], model: null };

let server: FakeServer;
let api: Api;

beforeEach(() => {
  server = new FakeServer();
  TestBed.configureTestingModule({ providers: server.providers });
  TestBed.inject(LanguageStore).choose('pt');
  api = TestBed.inject(Api);
});

async function ask(question = QUESTION, signal = new AbortController().signal) {
  const events: AnswerEvent[] = [];
  for await (const event of api.ask(question, [], signal)) events.push(event);
  return events;
}

describe('Api.ask', () => {
  it('yields the sources, the pieces and the end', async () => {
    server.answer().sources(aWireSource()).text('São ').text('30 dias [1].').done();
    expect((await ask()).map(({ type }) => type)).toEqual(['sources', 'text', 'text', 'done']);
  });

  it('sends the question alone when nothing else is chosen', async () => {
    server.answer().done();
    await ask();
    expect(server.sent).toMatchObject([
      { method: 'POST', path: '/', body: { prompt: QUESTION.prompt } },
    ]);
    expect(Object.keys(server.sent[0]?.body as object)).toEqual(['prompt']);
  });

  it('sends the chosen documents and model, and the language of the page', async () => {
    server.answer().done();
    await ask({ prompt: 'x', documents: ['d1', 'd2'], model: 'llama3' });
    expect(server.sent[0]?.body).toEqual({ prompt: 'x', documents: ['d1', 'd2'], model: 'llama3' });
    expect(server.sent[0]?.headers.get('Accept-Language')).toBe('pt-BR');
    expect(server.sent[0]?.headers.get('Content-Type')).toBe('application/json');
  });

  it('fails with the sentence of an error before the stream', async () => {
    server.json('/', { error: 'A pergunta está vazia.', code: 'prompt_missing' }, 400);
    await expect(ask()).rejects.toMatchObject({
      failure: { kind: 'refused', message: 'A pergunta está vazia.', code: 'prompt_missing' },
    });
  });

  it('fails with the sentence of an error within the stream', async () => {
    server.answer().text('São ').line({ error: 'O modelo caiu.', code: 'model_unavailable' }).end();
    await expect(ask()).rejects.toMatchObject({
      failure: { kind: 'refused', message: 'O modelo caiu.', code: 'model_unavailable' },
    });
  });

  it('sends what was said before', async () => {
    server.answer().done();
    const history = [{ role: 'user', content: 'Antes?' } as const];
    const answer = api.ask(QUESTION, history, new AbortController().signal);
    expect(await answer.next()).toMatchObject({ value: { type: 'done' } });
    expect(server.sent[0]?.body).toEqual({ prompt: QUESTION.prompt, history });
  });

  it('reads on where a connection was lost, and nothing twice', async () => {
    const first = server.answer().line({ id: 'a1', queued: 1 }).text('São ');
    const second = server.resumed('a1').text('30 dias.');
    second.done();
    const asking = ask();
    await settle();
    first.fail();
    const events = await asking;
    expect(events.map(({ type }) => type)).toEqual(['queued', 'text', 'text', 'done']);
    expect(server.sent.slice(1)).toMatchObject([{ path: '/answers/a1', query: '?after=2' }]);
  });

  it('comes back as often as it gets on', async () => {
    let lines = 1;
    const first = server.answer().line({ id: 'a1', queued: 1 });
    server.on('/answers/a1', () => {
      const stream = new AnswerStream().text(`${lines}`);
      lines += 1;
      if (lines === 10) stream.done();
      else stream.end();
      return stream.response();
    });
    const asking = ask();
    first.end();
    expect((await asking).map(({ type }) => type)).toEqual([
      'queued',
      ...Array<string>(9).fill('text'),
      'done',
    ]);
  });

  it('gives up where nobody answers any more', async () => {
    const first = server.answer().line({ id: 'a1', queued: 1 });
    server.down('/answers/a1');
    const asking = ask();
    first.end();
    await expect(asking).rejects.toMatchObject({ failure: { kind: 'interrupted' } });
    const again = server.sent.filter(({ method, path }) => method === 'GET' && path !== '/');
    expect(again).toHaveLength(5);
  });

  it('says so where the answer is gone', async () => {
    const first = server.answer().line({ id: 'a1', queued: 1 });
    server.json('/answers/a1', { error: 'Não existe mais.', code: 'unknown_answer' }, 404);
    const asking = ask();
    first.end();
    await expect(asking).rejects.toMatchObject({
      failure: { kind: 'refused', code: 'unknown_answer' },
    });
  });

  it('lets the model go when it is stopped', async () => {
    server.answer().line({ id: 'a1', queued: 1 }).text('São ');
    const controller = new AbortController();
    const asking = ask(QUESTION, controller.signal);
    await settle();
    controller.abort();
    await expect(asking).rejects.toThrow();
    expect(server.sent.at(-1)).toMatchObject({ method: 'DELETE', path: '/answers/a1' });
  });

  it('leaves an answer alone that has ended', async () => {
    server.answer().line({ id: 'a1', queued: 1 }).done();
    await ask();
    expect(server.sent).toHaveLength(1);
  });

  it('is interrupted by a stream that ends without its last line', async () => {
    server.answer().text('São ').end();
    await expect(ask()).rejects.toMatchObject({ failure: { kind: 'interrupted' } });
  });

  it('is interrupted by a stream cut within a line', async () => {
    server.answer().text('São ').bytes('{"message":{"con').end();
    await expect(ask()).rejects.toMatchObject({ failure: { kind: 'interrupted' } });
  });

  it('is interrupted by a connection that breaks', async () => {
    const stream = server.answer().text('São ');
    const asking = ask();
    stream.fail();
    await expect(asking).rejects.toMatchObject({ failure: { kind: 'interrupted' } });
  });

  it('says that the server is unreachable when nothing answers', async () => {
    server.down('/');
    await expect(ask()).rejects.toMatchObject({ failure: { kind: 'unreachable' } });
  });

  it('does not understand an error that is not the API’s', async () => {
    server.on('/', () => new Response('<h1>Bad gateway</h1>', { status: 502 }));
    await expect(ask()).rejects.toMatchObject({ failure: { kind: 'unexpected', status: 502 } });
  });

  it('rejects with the abort, not with a failure, when it is stopped', async () => {
    const stream = server.answer().text('São ');
    const controller = new AbortController();
    const asking = ask(QUESTION, controller.signal);
    controller.abort();
    await expect(asking).rejects.toMatchObject({ name: 'AbortError' });
    expect(stream.cancelled).toBe(true);
  });

  it('stops reading after the last line', async () => {
    const stream = server.answer().line({ done: true, done_reason: 'stop' }).text('more');
    expect(await ask()).toHaveLength(1);
    expect(stream.cancelled).toBe(true);
  });
});

describe('Api', () => {
  const signal = new AbortController().signal;

  it('lists models and documents', async () => {
    server.json('/models', { answering: 'llama3', models: [] });
    server.json('/documents', { documents: [{ id: 'd1', name: 'a.pdf' }] });
    expect((await api.models(signal)).answering).toBe('llama3');
    expect((await api.documents(signal))[0]?.name).toBe('a.pdf');
  });

  it('says what a person thinks, and leaves out what they did not say', async () => {
    server.json('/feedback', { status: 'kept' }, 201);
    const said = { question: 'x', verdict: 'bad', sources: [], right: null, note: '' } as const;
    await api.say(said, signal);
    const right = { document: 'd1', page: 2 };
    await api.say({ ...said, right, note: 'y' }, signal);
    expect(server.sent.map(({ body }) => body)).toEqual([
      { question: 'x', verdict: 'bad', sources: [] },
      { question: 'x', verdict: 'bad', sources: [], right, note: 'y' },
    ]);
  });

  it('does not understand a list that is not JSON', async () => {
    server.on('/models', () => new Response('hello'));
    await expect(api.models(signal)).rejects.toMatchObject({
      failure: { kind: 'unexpected', status: 200 },
    });
  });

  it('makes addresses of the API from its paths, and of no other origin', () => {
    expect(api.url('/documents/d1/pages/2.png?chunk=x')).toBe(
      'http://localhost:8000/documents/d1/pages/2.png?chunk=x',
    );
    expect(api.url('https://example.org/a.png')).toBeNull();
    expect(api.url('//example.org/a.png')).toBeNull();
  });

  it('quotes ids, and opens originals at a page', () => {
    expect(api.pagePicture('a/b', 3)).toBe('http://localhost:8000/documents/a%2Fb/pages/3.png');
    expect(api.original('d1', 12)).toBe('http://localhost:8000/documents/d1/file#page=12');
    expect(api.original('d1', null)).toBe('http://localhost:8000/documents/d1/file');
  });
});
