import { ChangeDetectionStrategy, Component, input, output } from '@angular/core';
import type { InlineNode } from './nodes';

/** The accessible names of the sources that a text may cite, by their numbers. */
export type CitationNames = ReadonlyMap<number, string>;

/** A run of text within a block; citations of known sources are buttons, all others stay text. */
@Component({
  selector: 'acervo-inline-run',
  templateUrl: './inline-run.html',
  styleUrl: './inline-run.css',
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class InlineRun {
  readonly nodes = input.required<readonly InlineNode[]>();
  readonly citations = input.required<CitationNames>();

  readonly cited = output<number>();
}
