import { computed, inject, Injectable, resource, signal } from '@angular/core';
import { Api } from '../core/api';
import { failureOf } from '../core/api-error';
import { WINDOW } from '../core/browser';

/** The documents of the collection, and those that questions are limited to. */
@Injectable({ providedIn: 'root' })
export class LibraryStore {
  private readonly api = inject(Api);
  private readonly window = inject(WINDOW);

  private readonly chosenIds = signal<ReadonlySet<string>>(new Set());

  private readonly list = resource({
    params: () => (this.window ? true : undefined),
    loader: ({ abortSignal }) => this.api.documents(abortSignal),
  });

  /** null until the list has come. */
  readonly documents = computed(() => (this.list.hasValue() ? this.list.value() : null));

  readonly empty = computed(() => this.documents()?.length === 0);

  readonly failure = computed(() => {
    const error = this.list.error();
    return error ? failureOf(error) : null;
  });

  /** The documents to ask, without those that have left the collection; none means all. */
  readonly chosen = computed<ReadonlySet<string>>(() => {
    const present = new Set(this.documents()?.map(({ id }) => id));
    return new Set([...this.chosenIds()].filter((id) => present.has(id)));
  });

  toggle(id: string): void {
    this.chosenIds.update((ids) => {
      const next = new Set(ids);
      if (!next.delete(id)) next.add(id);
      return next;
    });
  }

  chooseAll(): void {
    this.chosenIds.set(new Set());
  }

  reload(): void {
    this.list.reload();
  }
}
