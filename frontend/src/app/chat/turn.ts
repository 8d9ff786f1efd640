import type { Failure } from '../core/api-error';
import type { AnswerEvent, DoneReason, Message, Question, Source } from '../core/wire';
import { citedIn } from '../shared/citation-markers';

/** What the server reads of a conversation: so many turns, and so many characters of an answer. */
const REMEMBERED = 3;
const LONGEST = 800;

/** waiting: nothing of the text has come yet · growing: some has · the others are final. */
export type TurnStatus = 'waiting' | 'growing' | 'done' | 'stopped' | 'failed';

/** A question and what has come of its answer. */
export interface Turn {
  readonly id: number;
  readonly question: Question;
  readonly status: TurnStatus;
  readonly text: string;
  /** The place in the line while others are answered; 0 where it is this one's turn. */
  readonly place: number;
  /** The question as it was understood from the conversation; empty where it stands alone. */
  readonly understood: string;
  /** null until the server has said what it found. */
  readonly sources: readonly Source[] | null;
  /** The name of the model that answers; empty until it is known. */
  readonly model: string;
  readonly reason: DoneReason | null;
  /** The numbers of the sources that the finished answer rests on. */
  readonly cited: readonly number[];
  /** Numbers and names of the finished answer that its sources don't hold. */
  readonly missing: readonly string[];
  readonly failure: Failure | null;
}

export function startTurn(id: number, question: Question): Turn {
  return {
    id,
    question,
    status: 'waiting',
    text: '',
    place: 0,
    understood: '',
    sources: null,
    model: '',
    reason: null,
    cited: [],
    missing: [],
    failure: null,
  };
}

export function advance(turn: Turn, event: AnswerEvent): Turn {
  switch (event.type) {
    case 'queued':
      return { ...turn, place: event.place };
    case 'understood':
      return { ...turn, place: 0, understood: event.question };
    case 'sources':
      return { ...turn, place: 0, sources: event.sources, model: event.model };
    case 'reset':
      return { ...turn, status: 'waiting', text: '', model: event.model };
    case 'text':
      return { ...turn, status: 'growing', text: turn.text + event.text };
    case 'done':
      return {
        ...turn,
        status: event.reason === 'cancelled' ? 'stopped' : 'done',
        reason: event.reason,
        cited: [...new Set([...citedIn(turn.text), ...event.cited])],
        missing: event.missing,
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

/** What these turns say to a question that comes after them, oldest first; only whole answers count. */
export function conversationOf(turns: readonly Turn[]): Message[] {
  return turns
    .filter((turn) => turn.status === 'done')
    .slice(-REMEMBERED)
    .flatMap((turn): Message[] => [
      { role: 'user', content: turn.understood || turn.question.prompt },
      { role: 'assistant', content: turn.text.slice(0, LONGEST) },
    ]);
}
