import { ChangeDetectionStrategy, Component, input, output } from '@angular/core';
import type { Messages } from '../core/messages';
import type { Source } from '../core/wire';
import { pagesOf } from '../shared/source-place';

/** How much of a passage is shown in a list, in characters: about two lines. */
const EXCERPT = 180;

/** Passages, each a button that opens it. */
@Component({
  selector: 'acervo-source-list',
  templateUrl: './source-list.html',
  styleUrl: './source-list.css',
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class SourceList {
  readonly messages = input.required<Messages>();
  readonly sources = input.required<readonly Source[]>();

  readonly opened = output<Source>();

  protected place(source: Source): string {
    const section = source.section.join(' › ');
    return [pagesOf(source, this.messages()), section].filter(Boolean).join(' · ');
  }

  protected excerpt({ text }: Source): string {
    const line = text.replace(/\s+/g, ' ').trim();
    if (line.length <= EXCERPT) return line;
    const cut = line.slice(0, EXCERPT);
    return cut.slice(0, Math.max(cut.lastIndexOf(' '), EXCERPT / 2)) + '…';
  }

  protected percent({ relevance }: Source): number {
    return Math.round(relevance * 100);
  }
}
