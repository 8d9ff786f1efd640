import {
  afterNextRender,
  DestroyRef,
  Directive,
  effect,
  ElementRef,
  inject,
  Injector,
  input,
  signal,
  untracked,
} from '@angular/core';

/** So near to its end, in pixels, a conversation counts as being at it: less than two lines. */
const NEAR_END = 48;

/**
 * Keeps the end of what grows in view, until the person scrolls up to read; back at the end, it follows
 * again. The host is the scroller; its one child holds the conversation.
 */
@Directive({
  selector: '[acervoFollowEnd]',
  exportAs: 'acervoFollowEnd',
  host: { '(scroll)': 'look()' },
})
export class FollowEnd {
  readonly growing = input.required<boolean>();

  private readonly scroller = inject<ElementRef<HTMLElement>>(ElementRef).nativeElement;
  private readonly injector = inject(Injector);

  private readonly isAtEnd = signal(true);
  readonly atEnd = this.isAtEnd.asReadonly();

  constructor() {
    const destroyed = inject(DestroyRef);
    afterNextRender(() => {
      const content = this.scroller.firstElementChild;
      if (!content || typeof ResizeObserver === 'undefined') return;
      const observer = new ResizeObserver(() => {
        if (this.growing() && this.isAtEnd()) this.jump();
        else this.look();
      });
      observer.observe(content);
      destroyed.onDestroy(() => {
        observer.disconnect();
      });
    });
    effect(() => {
      if (this.growing() || !untracked(this.isAtEnd)) return;
      this.afterRender(() => {
        this.settle();
      });
    });
  }

  goToEnd(): void {
    this.isAtEnd.set(true);
    this.afterRender(() => {
      this.jump();
    });
  }

  protected look(): void {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    this.isAtEnd.set(scrollHeight - scrollTop - clientHeight < NEAR_END);
  }

  private jump(): void {
    this.scroller.scrollTop = this.scroller.scrollHeight;
  }

  /** Shows as much of what came with the answer's end as fits without pushing its question out of view. */
  private settle(): void {
    const last = this.scroller.firstElementChild?.lastElementChild;
    if (!last) return;
    const { scrollTop } = this.scroller;
    const top = last.getBoundingClientRect().top - this.scroller.getBoundingClientRect().top;
    this.scroller.scrollTop = Math.max(scrollTop, scrollTop + top - NEAR_END / 2);
    this.look();
  }

  private afterRender(act: () => void): void {
    afterNextRender({ write: act }, { injector: this.injector });
  }
}
