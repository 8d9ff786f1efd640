import type { Messages } from '../core/messages';
import type { Source } from '../core/wire';

/** "page 12" or "pages 12–13"; empty where a document has no pages. */
export function pagesOf({ page, lastPage }: Source, messages: Messages): string {
  if (page === null) return '';
  return lastPage !== null && lastPage > page
    ? messages.pageRange(page, lastPage)
    : messages.page(page);
}

/** Where a passage stands: its document and pages. */
export function placeOf(source: Source, messages: Messages): string {
  return [source.document.name, pagesOf(source, messages)].filter(Boolean).join(', ');
}
