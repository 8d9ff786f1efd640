import { computed, inject, Injectable, resource, signal } from '@angular/core';
import { Api } from '../core/api';
import { failureOf } from '../core/api-error';
import { WINDOW } from '../core/browser';
import { LanguageStore } from '../core/language-store';

/** Which models there are, and which one answers. */
@Injectable({ providedIn: 'root' })
export class ModelsStore {
  private readonly api = inject(Api);
  private readonly window = inject(WINDOW);
  private readonly language = inject(LanguageStore);

  private readonly chosenName = signal<string | null>(null);

  private readonly models = resource({
    // The reasons are sentences, so another language means another request; the server that renders asks none.
    params: () => (this.window ? this.language.tag() : undefined),
    loader: ({ abortSignal }) => this.api.models(abortSignal),
  });

  private readonly known = computed(() => (this.models.hasValue() ? this.models.value() : null));

  readonly all = computed(() => this.known()?.models ?? []);
  readonly available = computed(() => this.all().filter((model) => model.available));

  /** The model that answers when none is chosen; null until it is known. */
  readonly automatic = computed(() => this.known()?.answering ?? null);

  /** The chosen model, as long as it is there; null leaves the choice to the server. */
  readonly chosen = computed(
    () => this.available().find((model) => model.name === this.chosenName())?.name ?? null,
  );

  readonly answering = computed(() => this.chosen() ?? this.automatic());

  /** Whether answers are quotations only because there is no language model. */
  readonly withoutLanguageModel = computed(
    () =>
      this.available().length > 0 && this.available().every(({ kind }) => kind === 'extractive'),
  );

  readonly failure = computed(() => {
    const error = this.models.error();
    return error ? failureOf(error) : null;
  });

  choose(name: string | null): void {
    this.chosenName.set(name);
  }

  reload(): void {
    this.models.reload();
  }

  isExtractive(name: string): boolean {
    return this.all().find((model) => model.name === name)?.kind === 'extractive';
  }
}
