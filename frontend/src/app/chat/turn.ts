import type { Failure } from '../core/api-error';
import type { AnswerEvent, DoneReason, Question, Source } from '../core/wire';
import { citedIn } from '../shared/citation-markers';

/** waiting: nothing of the text has come yet · growing: some has · the others are final. */
export type TurnStatus = 'waiting' | 'growing' | 'done' | 'stopped' | 'failed';

/** A question and what has come of its answer. */
export interface Turn {
  readonly id: number;
  readonly question: Question;
  readonly status: TurnStatus;
  readonly text: string;
  /** null until the server has said what it found. */
  readonly sources: readonly Source[] | null;
  /** The name of the model that answers; empty until it is known. */
  readonly model: string;
  readonly reason: DoneReason | null;
  /** The numbers of the sources that the finished answer rests on. */
  readonly cited: readonly number[];
  readonly failure: Failure | null;
}

export function startTurn(id: number, question: Question): Turn {
  return {
    id,
    question,
    status: 'waiting',
    text: '',
    sources: null,
    model: '',
    reason: null,
    cited: [],
    failure: null,
  };
}

export function advance(turn: Turn, event: AnswerEvent): Turn {
  switch (event.type) {
    case 'sources':
      return { ...turn, sources: event.sources, model: event.model };
    case 'text':
      return { ...turn, status: 'growing', text: turn.text + event.text };
    case 'done':
      return {
        ...turn,
        status: event.reason === 'cancelled' ? 'stopped' : 'done',
        reason: event.reason,
        cited: [...new Set([...citedIn(turn.text), ...event.cited])],
      };
  }
}

export function stopTurn(turn: Turn): Turn {
  return { ...turn, status: 'stopped', cited: citedIn(turn.text) };
}

export function failTurn(turn: Turn, failure: Failure): Turn {
  return { ...turn, status: 'failed', cited: citedIn(turn.text), failure };
}

export function isRunning(turn: Turn): boolean {
  return turn.status === 'waiting' || turn.status === 'growing';
}
