import type { Api } from '../core/api';
import type { Source } from '../core/wire';

/** Wide enough, in pixels, to stay sharp when magnified or on a dense screen. */
const PICTURE_WIDTH = 1600;

/**
 * Where the picture of a source's page is. The server marks the passages named in the query of the source's own
 * picture on every page that they stand on; `marked` says whether this page is one of them.
 */
export function pageAddress(
  api: Pick<Api, 'url' | 'pagePicture'>,
  { document, image }: Source,
  page: number,
  marked: boolean,
): string | null {
  const own = image === null ? null : api.url(image);
  if (own === null) return null;
  const address = new URL(api.pagePicture(document.id, page));
  if (marked) address.search = new URL(own).search;
  address.searchParams.set('width', String(PICTURE_WIDTH));
  return address.href;
}
