import type { Api } from '../core/api';
import type { Source } from '../core/wire';

/**
 * Where the picture of a source's page is. The server marks the passage named in the query of the source's own
 * picture on every page that it stands on; `marked` says whether this page is one of them.
 */
export function pageAddress(
  api: Pick<Api, 'url' | 'pagePicture'>,
  { document, image }: Source,
  page: number,
  marked: boolean,
): string | null {
  const own = image === null ? null : api.url(image);
  if (own === null) return null;
  return api.pagePicture(document.id, page) + (marked ? new URL(own).search : '');
}
