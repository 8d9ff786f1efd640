import { ChangeDetectionStrategy, Component, input, output } from '@angular/core';
import { type CitationNames, InlineRun } from './inline-run';
import type { BlockNode } from './nodes';

/** One block of Markdown, with the blocks within it. */
@Component({
  selector: 'acervo-markdown-block',
  imports: [InlineRun],
  templateUrl: './markdown-block.html',
  styleUrl: './markdown-block.css',
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class MarkdownBlock {
  readonly block = input.required<BlockNode>();
  readonly citations = input.required<CitationNames>();

  readonly cited = output<number>();
}
