import {
  afterNextRender,
  ChangeDetectionStrategy,
  Component,
  computed,
  ElementRef,
  inject,
  input,
  output,
  viewChild,
} from '@angular/core';
import { API_ADDRESS } from '../core/api-address';
import type { Failure } from '../core/api-error';
import { failureMessage } from '../core/failure-message';
import { LanguageStore } from '../core/language-store';
import type { LibraryDocument } from '../core/wire';
import { Icon } from '../shared/icon';
import { Problem } from '../shared/problem';
import { SeedHint } from '../shared/seed-hint';

/** The documents of the collection, to choose which of them are asked. */
@Component({
  selector: 'acervo-library-drawer',
  imports: [Icon, Problem, SeedHint],
  templateUrl: './library-drawer.html',
  styleUrl: './library-drawer.css',
  changeDetection: ChangeDetectionStrategy.OnPush,
  host: { '(click)': 'pressOn($event)' },
})
export class LibraryDrawer {
  private readonly address = inject(API_ADDRESS);
  private readonly language = inject(LanguageStore);
  protected readonly messages = this.language.messages;

  /** null until the list has come. */
  readonly documents = input.required<readonly LibraryDocument[] | null>();
  readonly chosen = input.required<ReadonlySet<string>>();
  readonly failure = input.required<Failure | null>();

  readonly toggled = output<string>();
  readonly allChosen = output();
  readonly retried = output();
  readonly closed = output();

  private readonly dialog = viewChild.required<ElementRef<HTMLDialogElement>>('dialog');

  protected readonly problem = computed(() => {
    const failure = this.failure();
    return failure && failureMessage(failure, this.messages(), this.address);
  });

  private readonly languageNames = computed(
    () => new Intl.DisplayNames([this.language.tag()], { type: 'language', fallback: 'code' }),
  );

  constructor() {
    afterNextRender(() => {
      this.dialog().nativeElement.showModal();
    });
  }

  protected close(): void {
    this.dialog().nativeElement.close();
  }

  /** A press beside the drawer falls on the dialog itself, as its backdrop. */
  protected pressOn(event: Event): void {
    if (event.target === this.dialog().nativeElement) this.close();
  }

  protected details(document: LibraryDocument): string {
    const { pages, language, status } = document;
    return [
      pages === null ? '' : this.messages().pagesCount(pages),
      this.languageName(language),
      status === 'ready' ? '' : this.messages().status[status],
    ]
      .filter(Boolean)
      .join(' · ');
  }

  private languageName(code: string): string {
    try {
      return code && (this.languageNames().of(code) ?? code);
    } catch {
      // Not a language's code at all.
      return code;
    }
  }
}
