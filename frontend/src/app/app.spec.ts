import { TestBed } from '@angular/core/testing';
import { FakeServer, settle } from '../testing/fake-server';
import { App } from './app';

async function open() {
  const server = new FakeServer()
    .json('/models', { answering: null, models: [] })
    .json('/documents', { documents: [{ id: 'd1', name: 'Manual.pdf', status: 'ready' }] });
  TestBed.configureTestingModule({ providers: server.providers });
  const fixture = TestBed.createComponent(App);
  const element = fixture.nativeElement as HTMLElement;
  const rest = async () => {
    await settle();
    await fixture.whenStable();
  };
  await rest();
  return { server, element, rest };
}

describe('App', () => {
  it('opens the documents, as they are by then, and counts the chosen ones', async () => {
    const { server, element, rest } = await open();
    server.json('/documents', { documents: [{ id: 'd2', name: 'Novo.pdf', status: 'ready' }] });
    element.querySelector<HTMLElement>('[data-testid=documents]')?.click();
    await rest();
    expect(element.querySelector('dialog')?.textContent).toContain('Novo.pdf');
    element.querySelector<HTMLElement>('[data-testid=document]')?.click();
    await rest();
    expect(element.querySelector('.count')?.textContent).toBe('1');
    element.querySelector('dialog')?.close();
    await rest();
    expect(element.querySelector('dialog')).toBeNull();
  });

  it('changes the language of the whole page', async () => {
    const { element, rest } = await open();
    const select = element.querySelector<HTMLSelectElement>('[data-testid=language]')!;
    for (const [language, word] of [
      ['es', 'Pregunta a tus documentos'],
      ['pt', 'Pergunte aos seus documentos'],
    ] as const) {
      select.value = language;
      select.dispatchEvent(new Event('change'));
      await rest();
      expect(element.textContent).toContain(word);
    }
    expect(document.documentElement.lang).toBe('pt-BR');
  });
});
