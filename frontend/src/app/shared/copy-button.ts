import {
  ChangeDetectionStrategy,
  Component,
  DestroyRef,
  inject,
  input,
  signal,
} from '@angular/core';
import { WINDOW } from '../core/browser';
import { Icon } from './icon';

/** How long the button says that it is done. */
const DONE_MS = 2_000;

/** Copies a text, and says so for a moment. */
@Component({
  selector: 'acervo-copy-button',
  imports: [Icon],
  template: `
    <button type="button" class="quiet" data-testid="copy" (click)="copy()">
      <acervo-icon [name]="copied() ? 'check' : 'copy'" />
      <span aria-live="polite">{{ copied() ? done() : label() }}</span>
    </button>
  `,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class CopyButton {
  private readonly window = inject(WINDOW);

  readonly text = input.required<string>();
  readonly label = input.required<string>();
  /** What the button says once the text is copied. */
  readonly done = input.required<string>();

  protected readonly copied = signal(false);

  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    inject(DestroyRef).onDestroy(() => {
      clearTimeout(this.timer);
    });
  }

  protected async copy(): Promise<void> {
    try {
      await this.window?.navigator.clipboard.writeText(this.text());
    } catch {
      // The browser or the person forbids it; the text can still be selected by hand.
      return;
    }
    this.copied.set(true);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.copied.set(false);
    }, DONE_MS);
  }
}
