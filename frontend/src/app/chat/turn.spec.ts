import type { AnswerEvent } from '../core/wire';
import { aSource } from '../../testing/records';
import {
  advance,
  conversationOf,
  failTurn,
  isRunning,
  startTurn,
  stopTurn,
  type Turn,
} from './turn';

const QUESTION = { prompt: 'Qual é o prazo?', documents: [], model: null };
const SOURCES: AnswerEvent = { type: 'sources', model: 'llama3', sources: [aSource()] };

function turnAfter(...events: AnswerEvent[]): Turn {
  return events.reduce(advance, startTurn(1, QUESTION));
}

const text = (piece: string): AnswerEvent => ({ type: 'text', text: piece });

describe('a turn', () => {
  it('waits until the first text has come', () => {
    expect(turnAfter().status).toBe('waiting');
    expect(turnAfter(SOURCES)).toMatchObject({ status: 'waiting', model: 'llama3' });
    expect(turnAfter(SOURCES, text('São '))).toMatchObject({ status: 'growing', text: 'São ' });
  });

  it('joins the pieces', () => {
    expect(turnAfter(text('São '), text('30 '), text('dias.')).text).toBe('São 30 dias.');
  });

  it('rests on the sources that its text or its last line names', () => {
    const turn = turnAfter(text('A [3].'), {
      type: 'done',
      reason: 'stop',
      cited: [3, 5],
      missing: ['45'],
    });
    expect(turn).toMatchObject({ status: 'done', reason: 'stop', cited: [3, 5], missing: ['45'] });
  });

  it('counts as stopped when the server says that it was cancelled', () => {
    expect(turnAfter({ type: 'done', reason: 'cancelled', cited: [], missing: [] }).status).toBe(
      'stopped',
    );
  });

  it('waits for its turn until something else comes', () => {
    const queued: AnswerEvent = { type: 'queued', place: 2 };
    expect(turnAfter(queued)).toMatchObject({ status: 'waiting', place: 2 });
    expect(turnAfter(queued, SOURCES).place).toBe(0);
    const understood: AnswerEvent = { type: 'understood', question: 'O prazo dos idosos?' };
    expect(turnAfter(queued, understood)).toMatchObject({
      place: 0,
      understood: 'O prazo dos idosos?',
    });
  });

  it('begins anew with another model', () => {
    const reset: AnswerEvent = { type: 'reset', model: 'extractive' };
    expect(turnAfter(SOURCES, text('São [1] '), reset, text('Trinta.'))).toMatchObject({
      text: 'Trinta.',
      model: 'extractive',
      sources: [{ n: 1 }],
    });
  });

  it('keeps what has come when it is stopped or fails', () => {
    const growing = turnAfter(SOURCES, text('A [1]'));
    expect(stopTurn(growing)).toMatchObject({ status: 'stopped', text: 'A [1]', cited: [1] });
    expect(failTurn(growing, { kind: 'interrupted' })).toMatchObject({
      status: 'failed',
      text: 'A [1]',
      cited: [1],
      failure: { kind: 'interrupted' },
    });
  });

  it('is running until it is final', () => {
    expect([turnAfter(), turnAfter(text('a'))].every(isRunning)).toBe(true);
    expect(
      [
        stopTurn(turnAfter()),
        turnAfter({ type: 'done', reason: 'stop', cited: [], missing: [] }),
      ].some(isRunning),
    ).toBe(false);
  });
});

describe('a conversation', () => {
  const done: AnswerEvent = { type: 'done', reason: 'stop', cited: [], missing: [] };

  it('is what was asked, as it was understood, and answered', () => {
    const understood: AnswerEvent = { type: 'understood', question: 'E o prazo dos idosos?' };
    const turns = [turnAfter(text('Um.'), done), turnAfter(understood, text('Dois.'), done)];
    expect(conversationOf(turns)).toEqual([
      { role: 'user', content: QUESTION.prompt },
      { role: 'assistant', content: 'Um.' },
      { role: 'user', content: 'E o prazo dos idosos?' },
      { role: 'assistant', content: 'Dois.' },
    ]);
  });

  it('has the last whole answers only', () => {
    const failed = failTurn(turnAfter(text('Não')), { kind: 'interrupted' });
    const turns = ['1', '2', '3', '4'].map((piece) => turnAfter(text(piece), done));
    const said = conversationOf([...turns, failed, stopTurn(turnAfter(text('Parado')))]);
    expect(said.filter(({ role }) => role === 'assistant').map(({ content }) => content)).toEqual([
      '2',
      '3',
      '4',
    ]);
  });
});
