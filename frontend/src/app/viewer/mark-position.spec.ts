import { markPosition } from './mark-position';

const box = (page: number, y0: number, y1: number, x1 = 500) => ({ page, x0: 70, y0, x1, y1 });

describe('markPosition', () => {
  it('finds the first mark of the page on A4', () => {
    const boxes = [box(2, 700, 720), box(3, 421, 440), box(3, 600, 620)];
    expect(markPosition(boxes, 3, { width: 1600, height: 2263 })).toBeCloseTo(0.5, 2);
  });

  it('tells Letter from A4 by the picture’s shape', () => {
    expect(markPosition([box(1, 396, 400)], 1, { width: 1600, height: 2071 })).toBeCloseTo(0.5, 2);
  });

  it('takes the larger page of a shape where the smaller can’t hold the boxes', () => {
    expect(markPosition([box(1, 595, 700, 800)], 1, { width: 1000, height: 1414 })).toBeCloseTo(
      0.5,
      2,
    );
  });

  it('knows pages that lie on their side', () => {
    expect(markPosition([box(1, 297, 310, 800)], 1, { width: 1414, height: 1000 })).toBeCloseTo(
      0.5,
      2,
    );
  });

  it('stays on a page of an unknown shape', () => {
    const position = markPosition([box(1, 2900, 3000)], 1, { width: 500, height: 5000 });
    expect(position).toBeGreaterThan(0.5);
    expect(position).toBeLessThan(1);
  });

  it('is null where nothing is marked, or nothing shown', () => {
    expect(markPosition([box(2, 1, 2)], 1, { width: 100, height: 141 })).toBeNull();
    expect(markPosition([], 1, { width: 100, height: 141 })).toBeNull();
    expect(markPosition([box(1, 1, 2)], 1, { width: 0, height: 0 })).toBeNull();
  });
});
