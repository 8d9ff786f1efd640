import { TestBed } from '@angular/core/testing';
import { WINDOW } from './browser';
import { Viewport } from './viewport';

describe('Viewport', () => {
  it('follows the width of the window', () => {
    const query = Object.assign(new EventTarget(), { matches: false });
    TestBed.configureTestingModule({
      providers: [{ provide: WINDOW, useValue: { matchMedia: () => query } }],
    });
    const viewport = TestBed.inject(Viewport);
    expect(viewport.wide()).toBe(false);
    query.dispatchEvent(Object.assign(new Event('change'), { matches: true }));
    expect(viewport.wide()).toBe(true);
  });

  it('has room on the server, where there is no window', () => {
    TestBed.configureTestingModule({ providers: [{ provide: WINDOW, useValue: null }] });
    expect(TestBed.inject(Viewport).wide()).toBe(true);
  });
});
