import {
  afterRenderEffect,
  ChangeDetectionStrategy,
  Component,
  computed,
  ElementRef,
  input,
  model,
  output,
  viewChild,
} from '@angular/core';
import type { Messages } from '../core/messages';
import { Icon } from '../shared/icon';

/** The longest question that the API takes, in characters. */
const LONGEST_QUESTION = 16_000;

/** The question box. What stands in it belongs to the page, which decides when it is emptied. */
@Component({
  selector: 'acervo-composer',
  imports: [Icon],
  templateUrl: './composer.html',
  styleUrl: './composer.css',
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class Composer {
  readonly messages = input.required<Messages>();
  /** Whether an answer is coming, so that the next question has to wait. */
  readonly busy = input.required<boolean>();
  readonly draft = model.required<string>();

  readonly asked = output<string>();
  readonly stopped = output();

  private readonly box = viewChild.required<ElementRef<HTMLTextAreaElement>>('box');

  protected readonly question = computed(() => this.draft().trim());
  protected readonly tooLong = computed(() => this.question().length > LONGEST_QUESTION);
  protected readonly limit = LONGEST_QUESTION;

  constructor() {
    let alive = false;
    afterRenderEffect(() => {
      const draft = this.draft();
      const box = this.box().nativeElement;
      // What was typed into the server's page before it came alive is the person's, not ours to reset.
      if (!alive && box.value !== '') this.draft.set(box.value);
      else if (box.value !== draft) box.value = draft;
      alive = true;
    });
  }

  protected type(event: Event): void {
    this.draft.set((event.target as HTMLTextAreaElement).value);
  }

  /** Enter alone: with Shift it is the browser's, and starts a new line. */
  protected pressEnter(event: Event): void {
    // While a character is being composed, Enter chooses it.
    if ((event as KeyboardEvent).isComposing) return;
    event.preventDefault();
    this.send();
  }

  protected send(): void {
    if (this.busy() || this.question() === '' || this.tooLong()) return;
    this.asked.emit(this.question());
    this.box().nativeElement.focus();
  }
}
