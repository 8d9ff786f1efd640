import { ChangeDetectionStrategy, Component, signal, viewChild } from '@angular/core';
import { TestBed } from '@angular/core/testing';
import { FollowEnd } from './follow-end';

@Component({
  selector: 'acervo-test-host',
  imports: [FollowEnd],
  template: `<div acervoFollowEnd [growing]="growing()">
    <div><p>question</p></div>
  </div>`,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
class Host {
  readonly growing = signal(true);
  readonly follow = viewChild.required(FollowEnd);
}

/** A scroller 400 pixels high, whose content grows when the test says so. */
async function open() {
  let grown: () => void = () => undefined;
  vi.stubGlobal(
    'ResizeObserver',
    class {
      constructor(callback: () => void) {
        grown = callback;
      }
      observe() {
        grown();
      }
      disconnect() {
        grown = () => undefined;
      }
    },
  );
  const size = { content: 300, top: 0, question: 0 };
  const fixture = TestBed.createComponent(Host);
  const scroller = (fixture.nativeElement as HTMLElement).firstElementChild as HTMLElement;
  Object.defineProperties(scroller, {
    scrollHeight: { get: () => Math.max(size.content, 400) },
    clientHeight: { get: () => 400 },
    scrollTop: {
      get: () => size.top,
      set: (top: number) => {
        size.top = Math.max(0, Math.min(top, Math.max(size.content, 400) - 400));
      },
    },
  });
  const question = scroller.querySelector('p')!;
  question.getBoundingClientRect = () => new DOMRect(0, size.question - size.top, 100, 20);
  await fixture.whenStable();
  return {
    fixture,
    size,
    atEnd: () => fixture.componentInstance.follow().atEnd(),
    grow(content: number) {
      size.content = content;
      grown();
    },
    scroll(top: number) {
      scroller.scrollTop = top;
      scroller.dispatchEvent(new Event('scroll'));
    },
  };
}

describe('FollowEnd', () => {
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  it('keeps the end in view while the answer grows', async () => {
    const view = await open();
    view.grow(900);
    expect(view.size.top).toBe(500);
    view.grow(1200);
    expect(view.size.top).toBe(800);
  });

  it('stays where the person has scrolled up to', async () => {
    const view = await open();
    view.grow(900);
    view.scroll(200);
    view.grow(1200);
    expect(view.size.top).toBe(200);
    expect(view.atEnd()).toBe(false);
  });

  it('follows again from the end on', async () => {
    const view = await open();
    view.grow(900);
    view.scroll(200);
    view.scroll(480);
    view.grow(1200);
    expect(view.size.top).toBe(800);
  });

  it('goes to the end when it is told to', async () => {
    const view = await open();
    view.grow(900);
    view.scroll(100);
    view.fixture.componentInstance.follow().goToEnd();
    TestBed.tick();
    await view.fixture.whenStable();
    expect(view.size.top).toBe(500);
    expect(view.atEnd()).toBe(true);
  });

  it('shows what comes with the answer’s end only as far as its question stays in view', async () => {
    const view = await open();
    view.size.question = 600;
    view.grow(900);
    view.size.content = 2000;
    view.fixture.componentInstance.growing.set(false);
    await view.fixture.whenStable();
    expect(view.size.top).toBe(576);
    expect(view.atEnd()).toBe(false);
  });
});
