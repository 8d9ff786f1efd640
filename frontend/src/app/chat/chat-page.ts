import {
  ChangeDetectionStrategy,
  Component,
  computed,
  inject,
  output,
  signal,
  viewChild,
} from '@angular/core';
import { Api } from '../core/api';
import { failureMessage } from '../core/failure-message';
import { LanguageStore } from '../core/language-store';
import type { Source } from '../core/wire';
import { LibraryStore } from '../library/library-store';
import { Icon } from '../shared/icon';
import { Problem } from '../shared/problem';
import { Viewer } from '../viewer/viewer';
import { ChatStore } from './chat-store';
import { Composer } from './composer';
import { FollowEnd } from './follow-end';
import { ModelLine } from './model-line';
import { ModelsStore } from './models-store';
import { NoModelNotice } from './no-model-notice';
import type { Turn } from './turn';
import { TurnView } from './turn-view';
import { Welcome } from './welcome';

/** The conversation, the question box, and beside them the source that is being looked at. */
@Component({
  selector: 'acervo-chat-page',
  imports: [
    Composer,
    FollowEnd,
    Icon,
    ModelLine,
    NoModelNotice,
    Problem,
    TurnView,
    Viewer,
    Welcome,
  ],
  templateUrl: './chat-page.html',
  styleUrl: './chat-page.css',
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class ChatPage {
  private readonly api = inject(Api);
  private readonly language = inject(LanguageStore);
  protected readonly chat = inject(ChatStore);
  protected readonly library = inject(LibraryStore);
  protected readonly models = inject(ModelsStore);

  readonly libraryWanted = output();

  private readonly end = viewChild.required(FollowEnd);

  protected readonly messages = this.language.messages;
  protected readonly draft = signal('');
  protected readonly viewed = signal<Source | null>(null);
  /** What is read out to people who can't see the answer grow: once, when it is there. */
  protected readonly announcement = signal('');

  /** Why the server can't be talked to, where no failed question says so already. */
  protected readonly problem = computed(() => {
    const failure = this.models.failure();
    if (!failure || this.chat.turns().some(({ status }) => status === 'failed')) return null;
    return failureMessage(failure, this.messages(), this.api.address);
  });

  protected async ask(prompt: string): Promise<void> {
    if (this.chat.busy()) return;
    this.draft.set('');
    await this.follow(
      this.chat.ask({
        prompt,
        documents: [...this.library.chosen()],
        model: this.models.chosen(),
      }),
    );
  }

  protected async retry(turn: Turn): Promise<void> {
    if (this.draft() === turn.question.prompt) this.draft.set('');
    await this.follow(this.chat.retry(turn.id));
  }

  protected reload(): void {
    this.models.reload();
    this.library.reload();
  }

  private async follow(answer: Promise<Turn | null>): Promise<void> {
    this.announcement.set('');
    this.end().goToEnd();
    const turn = await answer;
    if (!turn) return;
    if (turn.status === 'failed') {
      // The question is not lost: it can be sent again as it is, or changed first.
      this.draft.update((draft) => draft || turn.question.prompt);
      return;
    }
    if (turn.status === 'done') {
      this.announcement.set(`${this.messages().answerReady} ${turn.text}`);
    }
    if (this.models.failure()) this.reload();
  }
}
