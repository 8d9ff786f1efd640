import { ChangeDetectionStrategy, Component, computed, input, output } from '@angular/core';
import type { CitationNames } from './inline-run';
import { MarkdownBlock } from './markdown-block';
import { GrowingMarkdown } from './parse';
import { finishMarkdown } from './unfinished';

const NO_CITATIONS: CitationNames = new Map();

/**
 * Shows Markdown as Angular's own elements: nothing of the text is ever handed to the browser as HTML, so
 * there is nothing to sanitise but the addresses of links.
 */
@Component({
  selector: 'acervo-markdown',
  imports: [MarkdownBlock],
  template: `
    @for (block of blocks(); track $index) {
      <acervo-markdown-block
        [block]="block"
        [citations]="citations()"
        (cited)="cited.emit($event)"
      />
    }
  `,
  styles: `
    :host {
      display: block;
      overflow-wrap: break-word;
    }
  `,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class Markdown {
  readonly text = input.required<string>();
  /** Whether more of the text is still to come. */
  readonly growing = input(false);
  readonly citations = input(NO_CITATIONS);

  readonly cited = output<number>();

  private readonly parser = new GrowingMarkdown();

  protected readonly blocks = computed(() =>
    this.parser.parse(this.growing() ? finishMarkdown(this.text()) : this.text()),
  );
}
