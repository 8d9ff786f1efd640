import type { AnswerEvent } from '../core/wire';
import { aSource } from '../../testing/records';
import { advance, failTurn, isRunning, startTurn, stopTurn, type Turn } from './turn';

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
    const turn = turnAfter(text('A [3].'), { type: 'done', reason: 'stop', cited: [3, 5] });
    expect(turn).toMatchObject({ status: 'done', reason: 'stop', cited: [3, 5] });
  });

  it('counts as stopped when the server says that it was cancelled', () => {
    expect(turnAfter({ type: 'done', reason: 'cancelled', cited: [] }).status).toBe('stopped');
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
      [stopTurn(turnAfter()), turnAfter({ type: 'done', reason: 'stop', cited: [] })].some(
        isRunning,
      ),
    ).toBe(false);
  });
});
