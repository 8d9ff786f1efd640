import { DestroyRef, inject, Injectable, signal } from '@angular/core';
import { WINDOW } from './browser';

/** From here on a source stands beside the conversation instead of over it; the same width as in the styles. */
const BESIDE = '(min-width: 64rem)';

/** How much room there is. */
@Injectable({ providedIn: 'root' })
export class Viewport {
  private readonly isWide = signal(true);

  /** Whether the source and the conversation fit beside each other. */
  readonly wide = this.isWide.asReadonly();

  constructor() {
    const query = inject(WINDOW)?.matchMedia(BESIDE);
    if (!query) return;
    this.isWide.set(query.matches);
    const follow = (event: MediaQueryListEvent) => {
      this.isWide.set(event.matches);
    };
    query.addEventListener('change', follow);
    inject(DestroyRef).onDestroy(() => {
      query.removeEventListener('change', follow);
    });
  }
}
