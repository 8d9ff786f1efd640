import { isPlatformBrowser } from '@angular/common';
import { DOCUMENT, inject, InjectionToken, PLATFORM_ID } from '@angular/core';

/** The browser's window; null on the server. */
export const WINDOW = new InjectionToken<Window | null>('the window of the browser', {
  factory: () =>
    isPlatformBrowser(inject(PLATFORM_ID)) ? (inject(DOCUMENT).defaultView ?? null) : null,
});

/** The browser's storage; null on the server, and where a browser forbids it. */
export const LOCAL_STORAGE = new InjectionToken<Storage | null>('the storage of the browser', {
  factory: () => {
    try {
      return inject(WINDOW)?.localStorage ?? null;
    } catch {
      // Reading the property throws where cookies are blocked.
      return null;
    }
  },
});

/** How requests are sent; the server renders the page without asking the API anything. */
export const FETCH = new InjectionToken<typeof fetch>('fetch', {
  factory: () => (input, init) => globalThis.fetch(input, init),
});

/** Resolves after so many milliseconds. */
export const SLEEP = new InjectionToken<(milliseconds: number) => Promise<void>>('sleep', {
  factory: () => (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
});

/** Runs a function before the browser paints next; at once where nothing is painted. */
export const NEXT_FRAME = new InjectionToken<(paint: () => void) => void>('the next frame', {
  factory: () => {
    const window = inject(WINDOW);
    return (paint) => {
      if (window) window.requestAnimationFrame(paint);
      else paint();
    };
  },
});
