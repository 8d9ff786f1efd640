import { TestBed } from '@angular/core/testing';
import { aSource } from '../../testing/records';
import { LanguageStore } from '../core/language-store';
import { Viewport } from '../core/viewport';
import type { Source } from '../core/wire';
import { Viewer } from './viewer';

const API = 'http://localhost:8000';

async function show(source: Source = aSource(), wide = true) {
  TestBed.configureTestingModule({
    providers: [{ provide: Viewport, useValue: { wide: () => wide } }],
  });
  TestBed.inject(LanguageStore).choose('pt');
  const fixture = TestBed.createComponent(Viewer);
  document.body.append(fixture.nativeElement as HTMLElement);
  fixture.componentRef.setInput('source', source);
  await fixture.whenStable();
  const element = fixture.nativeElement as HTMLElement;
  let closed = 0;
  fixture.componentInstance.closed.subscribe(() => closed++);
  const by = (name: string) => element.querySelector<HTMLElement>(`[data-testid=${name}]`);
  return {
    fixture,
    element,
    by,
    closed: () => closed,
    image: () => element.querySelector('img'),
    press: async (name: string) => {
      by(name)?.click();
      await fixture.whenStable();
    },
  };
}

describe('Viewer', () => {
  it('shows the page with the passage marked, for those who can’t see it too', async () => {
    const { image, element } = await show();
    expect(image()?.src).toBe(`${API}/documents/d1/pages/12.png?chunk=d1%3A1%3A7&width=1600`);
    expect(image()?.alt).toBe('Página 12 de Manual.pdf, com o trecho marcado');
    expect(element.querySelector('.page')?.textContent).toBe('Página 12 de 47');
  });

  it('turns pages, marked only where the passage stands, and comes back', async () => {
    const viewer = await show(aSource({ lastPage: 13 }));
    await viewer.press('next-page');
    expect(viewer.image()?.src).toBe(
      `${API}/documents/d1/pages/13.png?chunk=d1%3A1%3A7&width=1600`,
    );
    await viewer.press('next-page');
    expect(viewer.image()?.src).toBe(`${API}/documents/d1/pages/14.png?width=1600`);
    expect(viewer.image()?.alt).toBe('Página 14 de Manual.pdf');
    viewer.element.querySelector<HTMLElement>('.passage .link')?.click();
    await viewer.fixture.whenStable();
    expect(viewer.image()?.src).toContain('/12.png?chunk=');
  });

  it('ends at the first and the last page', async () => {
    const last = await show(aSource({ page: 47, lastPage: 47 }));
    expect(last.by('next-page')?.hasAttribute('disabled')).toBe(true);
    TestBed.resetTestingModule();
    const first = await show(aSource({ page: 1, lastPage: 1 }));
    expect(first.by('previous-page')?.hasAttribute('disabled')).toBe(true);
  });

  it('says that the picture is loading, and shows it once it has come', async () => {
    const { fixture, image, element } = await show();
    expect(element.textContent).toContain('Carregando a página');
    image()?.dispatchEvent(new Event('load'));
    await fixture.whenStable();
    expect(element.textContent).not.toContain('Carregando a página');
  });

  it('scrolls so that the mark is in view', async () => {
    const { fixture, image, element } = await show(
      aSource({ boxes: [{ page: 12, x0: 0, y0: 421, x1: 500, y1: 440 }] }),
    );
    const picture = image()!;
    const view = element.querySelector<HTMLElement>('.view')!;
    Object.defineProperties(picture, {
      naturalWidth: { value: 1600 },
      naturalHeight: { value: 2263 },
      clientHeight: { value: 1000 },
    });
    Object.defineProperty(view, 'clientHeight', { value: 500 });
    picture.dispatchEvent(new Event('load'));
    await fixture.whenStable();
    expect(view.scrollTop).toBeGreaterThan(380);
    expect(view.scrollTop).toBeLessThan(400);
  });

  it('says that the picture can’t be shown, and tries again', async () => {
    const { fixture, image, by, press } = await show();
    image()?.dispatchEvent(new Event('error'));
    await fixture.whenStable();
    expect(image()).toBeNull();
    expect(by('error')?.textContent).toContain('Não foi possível mostrar a imagem');
    await press('retry');
    expect(image()).not.toBeNull();
  });

  it('magnifies the page', async () => {
    const { image, press } = await show();
    await press('zoom-in');
    expect(image()?.style.inlineSize).toBe('140%');
  });

  it('opens the original at the page, for PDF only', async () => {
    const pdf = await show();
    expect(pdf.by('original')?.getAttribute('href')).toBe(`${API}/documents/d1/file#page=12`);
    TestBed.resetTestingModule();
    const web = { id: 'w', name: 'web', mediaType: 'text/html', pages: null };
    const other = await show(aSource({ document: web, page: null, lastPage: null, image: null }));
    expect(other.by('original')?.getAttribute('href')).toBe(`${API}/documents/w/file`);
  });

  it('shows the passage as text, alone where there are no pages', async () => {
    const { element, image } = await show(aSource({ page: null, lastPage: null, image: null }));
    expect(image()).toBeNull();
    expect(element.querySelector('.passage.alone strong')?.textContent).toBe('Para adicionar');
  });

  it('shows no picture of another origin', async () => {
    const { image } = await show(aSource({ image: 'https://example.org/pixel.png' }));
    expect(image()).toBeNull();
  });

  it('stands beside the conversation where there is room, and else over it', async () => {
    const beside = await show();
    expect(beside.by('viewer')?.hasAttribute('aria-modal')).toBe(false);
    TestBed.resetTestingModule();
    const over = await show(aSource(), false);
    expect(over.by('viewer')?.getAttribute('aria-modal')).toBe('true');
  });

  it('closes with Escape from anywhere, but not for a dialog over it', async () => {
    const { closed } = await show();
    const dialog = document.body.appendChild(document.createElement('dialog'));
    dialog.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }));
    expect(closed()).toBe(0);
    dialog.remove();
    document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }));
    expect(closed()).toBe(1);
  });

  it('takes the focus, and gives it back', async () => {
    const opener = document.body.appendChild(document.createElement('button'));
    opener.focus();
    const { fixture, element } = await show();
    expect(document.activeElement).toBe(element.querySelector('h2'));
    fixture.destroy();
    expect(document.activeElement).toBe(opener);
    opener.remove();
  });

  it('says which source it is when another is opened', async () => {
    const { fixture, element, by } = await show();
    by('viewer-close')?.focus();
    fixture.componentRef.setInput('source', aSource({ page: 3, lastPage: 3 }));
    await fixture.whenStable();
    expect(document.activeElement).toBe(element.querySelector('h2'));
    expect(element.querySelector('.page')?.textContent).toBe('Página 3 de 47');
  });
});
