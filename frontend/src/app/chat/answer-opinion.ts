import {
  afterNextRender,
  ChangeDetectionStrategy,
  Component,
  computed,
  type ElementRef,
  inject,
  Injector,
  input,
  signal,
  viewChild,
} from '@angular/core';
import { Api } from '../core/api';
import { failureOf, type Failure } from '../core/api-error';
import { failureMessage } from '../core/failure-message';
import type { Messages } from '../core/messages';
import type { LibraryDocument, Place, Source, Verdict } from '../core/wire';
import { Icon } from '../shared/icon';
import { placeOf } from '../shared/source-place';

/** What the API takes: pages of one answer, and characters of a note. */
const MOST_SOURCES = 30;
const LONGEST_NOTE = 2_000;

const UNKNOWN = '';
const OTHER = 'other';

interface PageChoice {
  readonly value: string;
  readonly label: string;
  readonly place: Place;
}

interface DocumentChoice {
  readonly id: string;
  readonly name: string;
  readonly pages: number | null;
}

/** Whether an answer was good; where it was bad, which page would have been right. */
@Component({
  selector: 'acervo-answer-opinion',
  imports: [Icon],
  templateUrl: './answer-opinion.html',
  styleUrl: './answer-opinion.css',
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class AnswerOpinion {
  private readonly api = inject(Api);
  private readonly injector = inject(Injector);

  readonly messages = input.required<Messages>();
  readonly question = input.required<string>();
  /** The sources of the answer, in their order. */
  readonly sources = input.required<readonly Source[]>();
  /** The documents of the collection, of which another page may be named. */
  readonly documents = input.required<readonly LibraryDocument[]>();

  private readonly down = viewChild.required<ElementRef<HTMLButtonElement>>('down');
  private readonly error = viewChild<ElementRef<HTMLElement>>('error');
  private readonly choice = viewChild<ElementRef<HTMLSelectElement>>('choice');

  /** What the server has kept last. */
  protected readonly said = signal<Verdict | null>(null);
  protected readonly asking = signal(false);
  protected readonly sending = signal(false);
  private readonly failure = signal<Failure | null>(null);

  protected readonly chosen = signal(UNKNOWN);
  protected readonly otherDocument = signal('');
  protected readonly otherPage = signal<number | null>(null);
  protected readonly note = signal('');

  protected readonly unknown = UNKNOWN;
  protected readonly other = OTHER;
  protected readonly longestNote = LONGEST_NOTE;

  /** Each page once, as several passages may stand on one. */
  protected readonly pages = computed(() => {
    const choices = new Map<string, PageChoice>();
    for (const source of this.sources()) {
      const { page } = source;
      const value = `${source.document.id}:${page ?? ''}`;
      const label = placeOf({ ...source, lastPage: page }, this.messages());
      choices.set(value, { value, label, place: { document: source.document.id, page } });
    }
    return [...choices.values()].slice(0, MOST_SOURCES);
  });

  /** Those of the sources first, then all others that can be read. */
  protected readonly choices = computed(() => {
    const all = new Map<string, DocumentChoice>();
    for (const { document } of this.sources()) all.set(document.id, document);
    for (const document of this.documents()) {
      if (document.status !== 'failed' && !all.has(document.id)) all.set(document.id, document);
    }
    return [...all.values()];
  });

  protected readonly chosenDocument = computed(
    () => this.choices().find(({ id }) => id === this.otherDocument()) ?? this.choices()[0],
  );

  protected readonly problem = computed(() => {
    const failure = this.failure();
    return failure && failureMessage(failure, this.messages(), this.api.address);
  });

  protected async praise(): Promise<void> {
    if (this.sending() || this.said() === 'good') return;
    if (await this.send('good', null, '')) this.empty();
  }

  protected ask(): void {
    if (this.asking()) {
      this.cancel();
      return;
    }
    this.failure.set(null);
    this.asking.set(true);
    afterNextRender(() => this.choice()?.nativeElement.focus(), { injector: this.injector });
  }

  protected cancel(): void {
    if (this.sending()) return;
    this.failure.set(null);
    this.close();
  }

  protected choose(event: Event): void {
    this.chosen.set((event.target as HTMLSelectElement).value);
  }

  protected chooseDocument(event: Event): void {
    this.otherDocument.set((event.target as HTMLSelectElement).value);
    this.otherPage.set(null);
  }

  protected typePage(event: Event): void {
    const page = (event.target as HTMLInputElement).valueAsNumber;
    this.otherPage.set(Number.isInteger(page) ? page : null);
  }

  protected typeNote(event: Event): void {
    this.note.set((event.target as HTMLTextAreaElement).value);
  }

  protected async complain(event: Event): Promise<void> {
    event.preventDefault();
    if (this.sending()) return;
    if (await this.send('bad', this.right(), this.note().trim())) this.close();
  }

  private right(): Place | null {
    if (this.chosen() !== OTHER) {
      return this.pages().find(({ value }) => value === this.chosen())?.place ?? null;
    }
    const document = this.chosenDocument();
    return document ? { document: document.id, page: this.otherPage() } : null;
  }

  /** Whether the server has kept it. */
  private async send(verdict: Verdict, right: Place | null, note: string): Promise<boolean> {
    this.failure.set(null);
    this.sending.set(true);
    const sources = this.pages().map(({ place }) => place);
    try {
      // It is sent even if the person goes on: what they said counts, whatever the page shows by then.
      const signal = new AbortController().signal;
      await this.api.say({ question: this.question(), verdict, sources, right, note }, signal);
    } catch (error) {
      this.failure.set(failureOf(error));
      // On a small screen it would come up below what is in view.
      const show = () => this.error()?.nativeElement.scrollIntoView({ block: 'nearest' });
      afterNextRender(show, { injector: this.injector });
      return false;
    } finally {
      this.sending.set(false);
    }
    this.said.set(verdict);
    return true;
  }

  private close(): void {
    this.empty();
    this.down().nativeElement.focus();
  }

  private empty(): void {
    this.asking.set(false);
    this.chosen.set(UNKNOWN);
    this.otherDocument.set('');
    this.otherPage.set(null);
    this.note.set('');
  }
}
