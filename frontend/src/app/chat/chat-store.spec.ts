import { TestBed } from '@angular/core/testing';
import { FakeServer, settle } from '../../testing/fake-server';
import { aWireSource } from '../../testing/records';
import { NEXT_FRAME } from '../core/browser';
import { ChatStore } from './chat-store';

const QUESTION = { prompt: 'Qual é o prazo?', documents: [], model: null };

let server: FakeServer;

function createStore(): ChatStore {
  return TestBed.inject(ChatStore);
}

beforeEach(() => {
  server = new FakeServer();
  TestBed.configureTestingModule({ providers: server.providers });
});

describe('ChatStore', () => {
  it('shows the answer as it comes, until it is done', async () => {
    const stream = server.answer();
    const store = createStore();
    const asking = store.ask(QUESTION);
    expect(store.turns()).toMatchObject([{ status: 'waiting', question: QUESTION }]);
    expect(store.busy()).toBe(true);
    stream.sources(aWireSource()).text('São ');
    await settle();
    expect(store.turns()).toMatchObject([{ status: 'growing', text: 'São ', sources: [{ n: 1 }] }]);
    stream.text('30 dias [1].').done();
    expect(await asking).toMatchObject({ status: 'done', text: 'São 30 dias [1].', cited: [1] });
    expect(store.busy()).toBe(false);
  });

  it('paints once for all the pieces that come before a frame', async () => {
    const frames: (() => void)[] = [];
    TestBed.overrideProvider(NEXT_FRAME, { useValue: (paint: () => void) => frames.push(paint) });
    const stream = server.answer();
    const store = createStore();
    const asking = store.ask(QUESTION);
    stream.text('a').text('b').text('c');
    await settle();
    expect(frames).toHaveLength(1);
    expect(store.turns()[0]?.text).toBe('');
    frames[0]?.();
    expect(store.turns()[0]?.text).toBe('abc');
    stream.text('d').done();
    await asking;
    expect(store.turns()[0]?.text).toBe('abcd');
  });

  it('lets no frame of an earlier try paint over a new one', async () => {
    const frames: (() => void)[] = [];
    TestBed.overrideProvider(NEXT_FRAME, { useValue: (paint: () => void) => frames.push(paint) });
    server.answer().text('old').end();
    const store = createStore();
    await store.ask(QUESTION);
    server.answer();
    void store.retry(1);
    frames.forEach((paint) => {
      paint();
    });
    expect(store.turns()).toMatchObject([{ status: 'waiting', text: '' }]);
  });

  it('leaves the turns before untouched while another answer comes', async () => {
    const store = createStore();
    server.answer().text('Um.').done();
    await store.ask(QUESTION);
    const first = store.turns()[0];
    server.answer().text('Dois.').done();
    await store.ask({ ...QUESTION, prompt: 'E depois?' });
    expect(store.turns()[0]).toBe(first);
    expect(store.turns()).toMatchObject([{ id: 1 }, { id: 2, text: 'Dois.' }]);
  });

  it('tells the server what was said before', async () => {
    const store = createStore();
    server.answer().text('Um.').done();
    await store.ask(QUESTION);
    server.answer().text('Dois.').done();
    await store.ask({ ...QUESTION, prompt: 'E depois?' });
    const history = [
      { role: 'user', content: QUESTION.prompt },
      { role: 'assistant', content: 'Um.' },
    ];
    expect(server.questions().map(({ body }) => body)).toEqual([
      { prompt: QUESTION.prompt },
      { prompt: 'E depois?', history },
    ]);
    await store.retry(1);
    expect(server.questions().at(-1)?.body).toEqual({ prompt: QUESTION.prompt });
  });

  it('asks one question at a time', async () => {
    server.answer();
    const store = createStore();
    void store.ask(QUESTION);
    expect(await store.ask(QUESTION)).toBeNull();
    expect(await store.retry(1)).toBeNull();
    expect(store.turns()).toHaveLength(1);
  });

  it('stops: the request is aborted and what has come stays', async () => {
    const stream = server.answer().text('São ');
    const store = createStore();
    const asking = store.ask(QUESTION);
    await settle();
    store.stop();
    expect(await asking).toMatchObject({ status: 'stopped', text: 'São ', failure: null });
    expect(server.sent[0]?.signal?.aborted).toBe(true);
    expect(stream.cancelled).toBe(true);
    expect(store.busy()).toBe(false);
  });

  it('keeps the partial answer of a stream that breaks off', async () => {
    server.answer().text('São ').end();
    expect(await createStore().ask(QUESTION)).toMatchObject({
      status: 'failed',
      text: 'São ',
      failure: { kind: 'interrupted' },
    });
  });

  it('asks a failed question again, in its place', async () => {
    server.down('/');
    const store = createStore();
    expect(await store.ask({ ...QUESTION, documents: ['d1'] })).toMatchObject({
      status: 'failed',
      failure: { kind: 'unreachable' },
    });
    server.answer().text('São 30 dias.').done();
    expect(await store.retry(1)).toMatchObject({ status: 'done', failure: null });
    expect(store.turns()).toHaveLength(1);
    expect(server.questions().map(({ body }) => body)).toEqual([
      { prompt: QUESTION.prompt, documents: ['d1'] },
      { prompt: QUESTION.prompt, documents: ['d1'] },
    ]);
  });

  it('tells a refusal from an answer', async () => {
    server.answer().sources(aWireSource()).text('Não tenho informações.').done('no_answer');
    expect(await createStore().ask(QUESTION)).toMatchObject({
      status: 'done',
      reason: 'no_answer',
    });
  });
});
