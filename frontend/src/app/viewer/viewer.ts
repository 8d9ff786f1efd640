import {
  afterNextRender,
  ChangeDetectionStrategy,
  Component,
  computed,
  DestroyRef,
  DOCUMENT,
  effect,
  ElementRef,
  inject,
  input,
  linkedSignal,
  output,
  signal,
  untracked,
  viewChild,
} from '@angular/core';
import { Api } from '../core/api';
import { LanguageStore } from '../core/language-store';
import { Viewport } from '../core/viewport';
import type { Source } from '../core/wire';
import { Icon } from '../shared/icon';
import { Markdown } from '../shared/markdown/markdown';
import { pagesOf } from '../shared/source-place';
import { pageAddress } from './page-address';
import { PagePicture } from './page-picture';

/** How much larger than the view's width a page is shown. */
const ZOOMS: readonly number[] = [1, 1.4, 2, 2.8];

/** A source where it stands: its page as a picture with the passage marked, and the passage's text. */
@Component({
  selector: 'acervo-viewer',
  imports: [Icon, Markdown, PagePicture],
  templateUrl: './viewer.html',
  styleUrl: './viewer.css',
  changeDetection: ChangeDetectionStrategy.OnPush,
  host: { '(document:keydown.escape)': 'leave($event)' },
})
export class Viewer {
  private readonly api = inject(Api);
  private readonly wide = inject(Viewport).wide;
  private readonly document = inject(DOCUMENT);
  protected readonly messages = inject(LanguageStore).messages;

  readonly source = input.required<Source>();

  readonly closed = output();

  private readonly dialog = viewChild.required<ElementRef<HTMLDialogElement>>('dialog');
  private readonly title = viewChild.required<ElementRef<HTMLElement>>('title');

  /** What had the focus before the viewer took it. */
  private readonly opener = this.document.activeElement;

  protected readonly page = linkedSignal(() => this.source().page);
  private readonly zoomStep = signal(0);

  protected readonly pages = computed(() => this.source().document.pages);
  protected readonly zoom = computed(() => ZOOMS[this.zoomStep()] ?? 1);
  protected readonly canZoomIn = computed(() => this.zoomStep() < ZOOMS.length - 1);
  protected readonly canZoomOut = computed(() => this.zoomStep() > 0);
  protected readonly place = computed(() =>
    [pagesOf(this.source(), this.messages()), this.source().section.join(' › ')]
      .filter(Boolean)
      .join(' · '),
  );

  /** Whether the page in view is one on which the passage stands. */
  protected readonly onPassage = computed(() => {
    const { page, lastPage } = this.source();
    const shown = this.page();
    return page !== null && shown !== null && shown >= page && shown <= (lastPage ?? page);
  });

  protected readonly picture = computed(() => {
    const page = this.page();
    return page === null ? null : pageAddress(this.api, this.source(), page, this.onPassage());
  });

  protected readonly description = computed(() => {
    const { name } = this.source().document;
    const page = this.page() ?? 1;
    return this.onPassage()
      ? this.messages().pagePicture(page, name)
      : this.messages().plainPagePicture(page, name);
  });

  protected readonly original = computed(() =>
    this.api.original(
      this.source().document.id,
      this.source().document.mediaType === 'application/pdf' ? this.page() : null,
    ),
  );

  constructor() {
    afterNextRender(() => {
      this.show();
    });
    effect(() => {
      this.source();
      // Another source in the same panel is a new thing to read: its title says which.
      untracked(() => {
        if (this.dialog().nativeElement.open) this.title().nativeElement.focus();
      });
    });
    inject(DestroyRef).onDestroy(() => {
      if (this.opener instanceof HTMLElement) this.opener.focus();
    });
  }

  protected turn(pages: number): void {
    const page = (this.page() ?? 1) + pages;
    if (page >= 1 && page <= (this.pages() ?? 1)) this.page.set(page);
  }

  protected magnify(steps: number): void {
    this.zoomStep.update((step) => Math.min(ZOOMS.length - 1, Math.max(0, step + steps)));
  }

  /** Escape closes the viewer from wherever the focus is, but for another dialog over it. */
  protected leave({ target }: Event): void {
    const around = target instanceof Element ? target.closest('dialog') : null;
    if (around === null || around === this.dialog().nativeElement) this.close();
  }

  protected close(): void {
    this.dialog().nativeElement.close();
  }

  /** Beside the conversation where there is room for both, or else over it. */
  private show(): void {
    const dialog = this.dialog().nativeElement;
    if (this.wide()) dialog.show();
    else dialog.showModal();
    this.title().nativeElement.focus();
  }
}
