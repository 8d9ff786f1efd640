import { TestBed } from '@angular/core/testing';
import { LanguageStore } from '../core/language-store';
import type { LibraryDocument } from '../core/wire';
import { LibraryDrawer } from './library-drawer';

const MANUAL: LibraryDocument = {
  id: 'd1',
  name: 'Manual.pdf',
  title: 'O manual',
  pages: 47,
  language: 'pt',
  status: 'ready',
  error: '',
};

async function show(inputs: Record<string, unknown> = {}) {
  TestBed.inject(LanguageStore).choose('pt');
  const fixture = TestBed.createComponent(LibraryDrawer);
  const given = { documents: [MANUAL], chosen: new Set<string>(), failure: null, ...inputs };
  for (const [name, value] of Object.entries(given)) fixture.componentRef.setInput(name, value);
  await fixture.whenStable();
  const element = fixture.nativeElement as HTMLElement;
  const events: string[] = [];
  const drawer = fixture.componentInstance;
  drawer.toggled.subscribe((id) => events.push(`toggled ${id}`));
  drawer.allChosen.subscribe(() => events.push('all'));
  drawer.retried.subscribe(() => events.push('retried'));
  drawer.closed.subscribe(() => events.push('closed'));
  return { element, events, dialog: element.querySelector('dialog')! };
}

describe('LibraryDrawer', () => {
  it('opens over the page', async () => {
    const { dialog } = await show();
    expect(dialog.open).toBe(true);
    expect(dialog.getAttribute('aria-modal')).toBe('true');
  });

  it('lists a document with its title, pages and language', async () => {
    const { element } = await show();
    const text = element.querySelector('li')?.textContent;
    for (const words of ['Manual.pdf', 'O manual', '47 páginas', 'português']) {
      expect(text).toContain(words);
    }
  });

  it('chooses documents, and shows which are chosen', async () => {
    const { element, events } = await show({ chosen: new Set(['d1']) });
    const box = element.querySelector<HTMLInputElement>('[data-testid=document]');
    expect(box?.checked).toBe(true);
    box?.click();
    element.querySelector<HTMLElement>('footer button')?.click();
    expect(events).toEqual(['toggled d1', 'all']);
  });

  it('says what is wrong with a document that failed, which can’t be chosen', async () => {
    const { element } = await show({
      documents: [{ ...MANUAL, status: 'failed', error: 'Protegido por senha.' }],
    });
    expect(element.querySelector('li')?.textContent).toContain('Falhou');
    expect(element.querySelector('li')?.textContent).toContain('Protegido por senha.');
    expect(element.querySelector<HTMLInputElement>('input')?.disabled).toBe(true);
  });

  it('takes a language that it does not know as it is', async () => {
    const { element } = await show({ documents: [{ ...MANUAL, language: 'not a code' }] });
    expect(element.querySelector('li')?.textContent).toContain('not a code');
  });

  it('shows how to add documents to an empty collection', async () => {
    const { element } = await show({ documents: [] });
    expect(element.textContent).toContain('Ainda não há documentos');
    expect(element.textContent).toContain('scripts/seed');
  });

  it('waits for the list', async () => {
    const { element } = await show({ documents: null });
    expect(element.textContent).toContain('Carregando a lista');
  });

  it('says why the list did not come, and tries again', async () => {
    const { element, events } = await show({ documents: null, failure: { kind: 'unreachable' } });
    expect(element.querySelector('[data-testid=error]')?.textContent).toContain(
      'http://localhost:8000',
    );
    element.querySelector<HTMLElement>('[data-testid=retry]')?.click();
    expect(events).toEqual(['retried']);
  });

  it('closes with its button, and by a press beside it', async () => {
    const { element, dialog, events } = await show();
    element.querySelector<HTMLElement>('.drawer')?.click();
    expect(events).toEqual([]);
    dialog.click();
    expect(events).toEqual(['closed']);
    dialog.showModal();
    element.querySelector<HTMLElement>('header button')?.click();
    expect(events).toEqual(['closed', 'closed']);
  });
});
