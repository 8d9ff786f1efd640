import {
  ChangeDetectionStrategy,
  Component,
  ElementRef,
  input,
  linkedSignal,
  viewChild,
} from '@angular/core';
import type { Messages } from '../core/messages';
import type { Box } from '../core/wire';
import { Problem } from '../shared/problem';
import { markPosition } from './mark-position';

/** The part of the view that stays free above a mark when it is brought into view. */
const ABOVE_MARK = 0.22;

/** A page as a picture, scrolled to what is marked on it. */
@Component({
  selector: 'acervo-page-picture',
  imports: [Problem],
  templateUrl: './page-picture.html',
  styleUrl: './page-picture.css',
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class PagePicture {
  readonly messages = input.required<Messages>();
  readonly address = input.required<string>();
  /** What is on the picture, for people who can't see it. */
  readonly description = input.required<string>();
  readonly page = input.required<number>();
  readonly boxes = input.required<readonly Box[]>();
  /** 1 fills the width of the view. */
  readonly zoom = input.required<number>();

  private readonly view = viewChild.required<ElementRef<HTMLElement>>('view');

  protected readonly state = linkedSignal<string, 'loading' | 'shown' | 'failed'>({
    source: this.address,
    computation: () => 'loading',
  });

  protected show(event: Event): void {
    this.state.set('shown');
    const picture = event.target as HTMLImageElement;
    const position = markPosition(this.boxes(), this.page(), {
      width: picture.naturalWidth,
      height: picture.naturalHeight,
    });
    const view = this.view().nativeElement;
    view.scrollTop =
      position === null ? 0 : position * picture.clientHeight - ABOVE_MARK * view.clientHeight;
  }
}
