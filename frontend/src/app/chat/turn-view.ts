import { ChangeDetectionStrategy, Component, computed, inject, input, output } from '@angular/core';
import { API_ADDRESS } from '../core/api-address';
import { failureMessage } from '../core/failure-message';
import { LanguageStore } from '../core/language-store';
import type { LibraryDocument, Source } from '../core/wire';
import { CopyButton } from '../shared/copy-button';
import { Icon } from '../shared/icon';
import { Markdown } from '../shared/markdown/markdown';
import { Problem } from '../shared/problem';
import { placeOf } from '../shared/source-place';
import { AnswerOpinion } from './answer-opinion';
import { answerToCopy } from './answer-text';
import { SourceList } from './source-list';
import { isRunning, type Turn } from './turn';

/** How many passages are offered where the answer itself names none. */
const NEAREST = 3;

/** One question and its answer, with the sources that it rests on. */
@Component({
  selector: 'acervo-turn-view',
  imports: [AnswerOpinion, CopyButton, Icon, Markdown, Problem, SourceList],
  templateUrl: './turn-view.html',
  styleUrl: './turn-view.css',
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class TurnView {
  private readonly address = inject(API_ADDRESS);
  protected readonly messages = inject(LanguageStore).messages;

  readonly turn = input.required<Turn>();
  /** Whether the answer is made of quotations only. */
  readonly quoted = input(false);
  /** The documents of the collection, as far as they are known. */
  readonly documents = input<readonly LibraryDocument[]>([]);

  readonly opened = output<Source>();
  readonly retried = output();

  protected readonly sources = computed(() => this.turn().sources ?? []);

  protected readonly running = computed(() => isRunning(this.turn()));
  protected readonly refused = computed(() => this.turn().reason === 'no_answer');

  protected readonly progress = computed(() => {
    const found = this.turn().sources?.length;
    if (this.turn().place > 0) return this.messages().queued(this.turn().place);
    return found ? this.messages().reading(found) : this.messages().searching;
  });

  protected readonly citations = computed(
    () =>
      new Map(
        this.sources().map((source) => [
          source.n,
          this.messages().citation(source.n, placeOf(source, this.messages())),
        ]),
      ),
  );

  protected readonly failure = computed(() => {
    const { failure } = this.turn();
    return failure && failureMessage(failure, this.messages(), this.address);
  });

  protected readonly toCopy = computed(() => answerToCopy(this.turn(), this.messages()));

  /** The passages in view once the answer is final: those that it cites, or the nearest where it cites none. */
  protected readonly shown = computed(() => {
    if (this.running()) return [];
    const { cited } = this.turn();
    const shown = this.sources().filter(({ n }) => cited.includes(n));
    return shown.length > 0 ? shown : this.sources().slice(0, NEAREST);
  });

  protected readonly folded = computed(() => {
    if (this.running()) return [];
    const shown = new Set(this.shown());
    return this.sources().filter((source) => !shown.has(source));
  });

  protected readonly sourcesTitle = computed(() => {
    if (this.refused()) return this.messages().nearest;
    return this.turn().cited.length > 0 ? this.messages().sources : this.messages().passages;
  });

  protected open(n: number): void {
    const source = this.sources().find((one) => one.n === n);
    if (source) this.opened.emit(source);
  }
}
