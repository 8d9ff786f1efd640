import type { Box } from '../core/wire';

/**
 * Widths and heights of pages in PDF points, the most common first. Boxes come in points, and a picture tells
 * only the shape of its page; the page's size is the most common one of that shape that holds the boxes.
 */
const PAGE_SIZES: readonly (readonly [number, number])[] = [
  [595.28, 841.89], // A4
  [612, 792], // Letter
  [612, 1008], // Legal
  [419.53, 595.28], // A5
  [841.89, 1190.55], // A3
  [960, 540], // slides, 16:9
  [720, 405],
  [720, 540], // slides, 4:3
];

/** How far two shapes may differ and still count as one: pictures have whole pixels. */
const SAME_SHAPE = 0.01;

/** Where the passage begins on the picture, from 0 (top) to 1 (bottom); null where nothing is marked. */
export function markPosition(
  boxes: readonly Box[],
  page: number,
  picture: { readonly width: number; readonly height: number },
): number | null {
  const marked = boxes.filter((box) => box.page === page);
  if (marked.length === 0 || picture.height <= 0) return null;
  const right = Math.max(...marked.map(({ x1 }) => x1));
  const bottom = Math.max(...marked.map(({ y1 }) => y1));
  const shape = picture.width / picture.height;
  const sizes = PAGE_SIZES.flatMap(([width, height]): [number, number][] => [
    [width, height],
    [height, width],
  ]);
  const size = sizes.find(
    ([width, height]) =>
      Math.abs(width / height / shape - 1) < SAME_SHAPE && right <= width && bottom <= height,
  );
  // Of a page of an unknown size, the mark ends on it at the lowest.
  const height = size?.[1] ?? Math.max(bottom, right / shape);
  return Math.min(...marked.map(({ y0 }) => y0)) / height;
}
