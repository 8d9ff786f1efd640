import { ChangeDetectionStrategy, Component, computed, input } from '@angular/core';

/** Outlines on a grid of 24 by 24. */
const PATHS = {
  arrowUp: 'M12 19V5M5.5 11.5 12 5l6.5 6.5',
  arrowDown: 'M12 5v14M5.5 12.5 12 19l6.5-6.5',
  chevronLeft: 'm14.5 6-6 6 6 6',
  chevronRight: 'm9.5 6 6 6-6 6',
  stop: 'M8 8h8v8H8z',
  close: 'm6 6 12 12M18 6 6 18',
  copy: 'M9 9h10v11H9zM5 15V4h10',
  check: 'm5 12.5 4.5 4.5L19 7.5',
  retry: 'M4.5 12a7.5 7.5 0 1 0 2.4-5.5M4.5 4v4h4',
  books: 'M5 4h4v16H5zM9 4h4v16H9zM13.5 5l3.6-1 3.9 15-3.6 1z',
  open: 'M13 5h6v6M19 5l-8.5 8.5M10 6H5v13h13v-5',
  plus: 'M12 6v12M6 12h12',
  minus: 'M6 12h12',
  thumbUp:
    'M4 11h3v9H4zM7 11l4-7.5c1.6 0 2.6 1 2.6 2.6v3.4h4.7a1.9 1.9 0 0 1 1.9 2.2l-1.1 6.6a2 2 0 0 1-2 1.7H7',
  thumbDown:
    'M4 13h3V4H4zM7 13l4 7.5c1.6 0 2.6-1 2.6-2.6v-3.4h4.7a1.9 1.9 0 0 0 1.9-2.2l-1.1-6.6a2 2 0 0 0-2-1.7H7',
  page: 'M6.5 3.5h7.5l4 4v13H6.5zM14 3.5v4h4',
  quote: 'M5 6v12M9.5 8H19M9.5 12H19M9.5 16H15',
  globe:
    'M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17ZM3.5 12h17M12 3.5c5 5 5 12 0 17M12 3.5c-5 5-5 12 0 17',
} as const;

export type IconName = keyof typeof PATHS;

/** A decoration: what it stands beside or in must have a name of its own. */
@Component({
  selector: 'acervo-icon',
  template: `
    <svg viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path [attr.d]="path()" /></svg>
  `,
  styles: `
    :host {
      display: inline-flex;
      flex: none;
    }

    svg {
      inline-size: 1.25em;
      block-size: 1.25em;
      fill: var(--icon-fill, none);
      stroke: currentcolor;
      stroke-width: 1.75;
      stroke-linecap: round;
      stroke-linejoin: round;
    }
  `,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class Icon {
  readonly name = input.required<IconName>();

  protected readonly path = computed(() => PATHS[this.name()]);
}
