import { computed, inject, Injectable, signal } from '@angular/core';
import { Api } from '../core/api';
import { failureOf } from '../core/api-error';
import { NEXT_FRAME } from '../core/browser';
import type { AnswerEvent, Question } from '../core/wire';
import {
  advance,
  conversationOf,
  failTurn,
  isRunning,
  startTurn,
  stopTurn,
  type Turn,
} from './turn';

/** The questions of this visit and their answers. One answer comes at a time, after what was said before. */
@Injectable({ providedIn: 'root' })
export class ChatStore {
  private readonly api = inject(Api);
  private readonly nextFrame = inject(NEXT_FRAME);

  private readonly allTurns = signal<readonly Turn[]>([]);
  private running: AbortController | null = null;

  readonly turns = this.allTurns.asReadonly();
  readonly busy = computed(() => this.allTurns().some(isRunning));

  /** Asks a question; resolves to its turn once that is final. While another answer comes, null. */
  ask(question: Question): Promise<Turn | null> {
    if (this.busy()) return Promise.resolve(null);
    const turn = startTurn((this.allTurns().at(-1)?.id ?? 0) + 1, question);
    this.allTurns.update((turns) => [...turns, turn]);
    return this.run(turn);
  }

  /** Asks a turn's question again, in its place. */
  retry(id: number): Promise<Turn | null> {
    const turn = this.allTurns().find((one) => one.id === id);
    if (!turn || this.busy()) return Promise.resolve(null);
    const again = startTurn(id, turn.question);
    this.replace(again);
    return this.run(again);
  }

  /** Stops the answer that is coming; what has come of it stays. */
  stop(): void {
    this.running?.abort();
  }

  private async run(started: Turn): Promise<Turn> {
    const controller = new AbortController();
    this.running = controller;
    let turn = started;
    let painting = false;
    const take = (event: AnswerEvent) => {
      turn = advance(turn, event);
      if (painting) return;
      // Pieces come faster than a screen is painted: one frame shows all that came before it.
      painting = true;
      this.nextFrame(() => {
        painting = false;
        if (this.running === controller) this.replace(turn);
      });
    };
    const before = this.allTurns().filter(({ id }) => id < started.id);
    const answer = this.api.ask(started.question, conversationOf(before), controller.signal);
    try {
      for await (const event of answer) take(event);
    } catch (error) {
      turn = controller.signal.aborted ? stopTurn(turn) : failTurn(turn, failureOf(error));
    }
    this.running = null;
    this.replace(turn);
    return turn;
  }

  private replace(turn: Turn): void {
    this.allTurns.update((turns) => turns.map((one) => (one.id === turn.id ? turn : one)));
  }
}
