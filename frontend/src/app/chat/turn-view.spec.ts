import { TestBed } from '@angular/core/testing';
import { aSource } from '../../testing/records';
import { WINDOW } from '../core/browser';
import { LanguageStore } from '../core/language-store';
import type { Source } from '../core/wire';
import { startTurn, type Turn } from './turn';
import { TurnView } from './turn-view';

const SOURCES = [1, 2, 3, 4, 5].map((n) => aSource({ n, page: n, lastPage: n }));

async function show(changes: Partial<Turn>, quoted = false) {
  const copied: string[] = [];
  const clipboard = { writeText: (text: string) => Promise.resolve(void copied.push(text)) };
  TestBed.configureTestingModule({
    providers: [{ provide: WINDOW, useValue: { navigator: { languages: ['pt-BR'], clipboard } } }],
  });
  TestBed.inject(LanguageStore).choose('pt');
  const fixture = TestBed.createComponent(TurnView);
  const turn = startTurn(1, { prompt: 'Qual é o prazo?', documents: [], model: null });
  fixture.componentRef.setInput('turn', { ...turn, ...changes });
  fixture.componentRef.setInput('quoted', quoted);
  await fixture.whenStable();
  const element = fixture.nativeElement as HTMLElement;
  const opened: Source[] = [];
  let retries = 0;
  fixture.componentInstance.opened.subscribe((source) => opened.push(source));
  fixture.componentInstance.retried.subscribe(() => retries++);
  return {
    fixture,
    element,
    opened,
    copied,
    retries: () => retries,
    by: (name: string) => element.querySelector<HTMLElement>(`[data-testid=${name}]`),
    sources: (within: string) =>
      [...element.querySelectorAll(`${within} > acervo-source-list button`)].map((button) =>
        button.getAttribute('data-testid'),
      ),
  };
}

describe('TurnView', () => {
  it('says what is going on until the first words come', async () => {
    const { element, by } = await show({});
    expect(element.querySelector('.waiting')?.textContent).toContain('Procurando nos documentos');
    expect(by('answer')).toBeNull();
  });

  it('says how many passages are being read', async () => {
    const { element } = await show({ sources: SOURCES });
    expect(element.querySelector('.waiting')?.textContent).toContain('Lendo 5 trechos');
  });

  it('shows the place in the line while others are answered', async () => {
    const { element } = await show({ place: 3 });
    expect(element.querySelector('.waiting')?.textContent).toContain('3º da fila');
  });

  it('shows how a question was understood', async () => {
    const { by } = await show({ understood: 'Qual é o prazo dos idosos?' });
    expect(by('understood')?.textContent).toContain('Qual é o prazo dos idosos?');
  });

  it('says nothing of what there is nothing to say of', async () => {
    const { by } = await show({ status: 'done', text: 'São 30 dias [1].', sources: SOURCES });
    expect([by('understood'), by('missing')]).toEqual([null, null]);
  });

  it('warns of what the cited pages do not hold, once the answer is there', async () => {
    const text = 'São 45 dias [1].';
    const { by } = await show({ status: 'done', text, sources: SOURCES, missing: ['45', 'Madri'] });
    expect(by('missing')?.textContent).toContain('45, Madri');
  });

  it('shows the growing answer, without what comes after it', async () => {
    const { by, sources } = await show({ status: 'growing', text: 'São **30', sources: SOURCES });
    expect(by('answer')?.textContent).toContain('São 30');
    expect(by('answer')?.getAttribute('aria-busy')).toBe('true');
    expect(by('copy')).toBeNull();
    expect(sources('.sources')).toEqual([]);
  });

  it('lists the sources that are cited, and folds the others', async () => {
    const { element, sources } = await show({
      status: 'done',
      text: 'A [2].',
      sources: SOURCES,
      cited: [2, 4],
    });
    expect(sources('.sources')).toEqual(['source-2', 'source-4']);
    expect(sources('details')).toEqual(['source-1', 'source-3', 'source-5']);
    expect(element.querySelector('summary')?.textContent).toBe('3 outros trechos');
    expect(element.querySelector('h3')?.textContent).toBe('Fontes');
  });

  it('opens the source of a citation, and of the list', async () => {
    const { by, opened } = await show({
      status: 'done',
      text: 'A [2].',
      sources: SOURCES,
      cited: [2],
    });
    expect(by('citation')?.getAttribute('aria-label')).toBe('Fonte 2: Manual.pdf, página 2');
    by('citation')?.click();
    by('source-1')?.click();
    expect(opened).toEqual([SOURCES[1], SOURCES[0]]);
  });

  it('lets a refusal look like one, and offers the nearest passages', async () => {
    const { element, by, sources } = await show({
      status: 'done',
      reason: 'no_answer',
      text: 'Não tenho informações.',
      sources: SOURCES,
    });
    expect(by('answer')?.classList).toContain('refused');
    expect(by('answer')?.textContent).toContain('Tente com outras palavras');
    expect(element.querySelector('h3')?.textContent).toBe(
      'O que há de mais próximo nos documentos',
    );
    expect(sources('.sources')).toEqual(['source-1', 'source-2', 'source-3']);
    expect(sources('details')).toEqual(['source-4', 'source-5']);
    expect(by('copy')).toBeNull();
  });

  it('shows the server’s sentence and tries again, keeping the partial answer', async () => {
    const { by, retries } = await show({
      status: 'failed',
      text: 'São ',
      failure: { kind: 'refused', message: 'O modelo caiu.', code: 'model_unavailable' },
    });
    expect(by('error')?.textContent).toContain('O modelo caiu.');
    expect(by('answer')?.textContent).toContain('São');
    by('retry')?.click();
    expect(retries()).toBe(1);
  });

  it.each([
    [{ kind: 'interrupted' } as const, 'interrompida'],
    [{ kind: 'unreachable' } as const, 'http://localhost:8000'],
    [{ kind: 'unexpected', status: 502 } as const, '502'],
  ])('says in the page’s language that it is %j', async (failure, words) => {
    const { by } = await show({ status: 'failed', failure });
    expect(by('error')?.textContent).toContain(words);
  });

  it('says that it was stopped, and offers to ask again', async () => {
    const { by, retries } = await show({ status: 'stopped', text: 'São ' });
    expect(by('stopped')?.textContent).toContain('Você interrompeu esta resposta.');
    by('stopped')?.querySelector('button')?.click();
    expect(retries()).toBe(1);
  });

  it('says that the model could not write on', async () => {
    const { element } = await show({ status: 'done', reason: 'length', text: 'A' });
    expect(element.querySelector('.note')?.textContent).toContain('tamanho máximo');
  });

  it('copies the answer with its sources', async () => {
    const { fixture, by, copied } = await show({
      status: 'done',
      text: 'A [2].',
      sources: SOURCES,
      cited: [2],
    });
    by('copy')?.click();
    await fixture.whenStable();
    expect(copied).toEqual(['A [2].\n\n[2] Manual.pdf, página 2']);
    expect(by('copy')?.textContent).toContain('Copiada');
  });

  it.each([
    ['done', null, true],
    ['done', 'no_answer', true],
    ['growing', null, false],
    ['stopped', null, false],
    ['failed', null, false],
  ] as const)(
    'when it is %s (%s), asks what people think of it: %s',
    async (status, reason, asks) => {
      const { by } = await show({ status, reason, text: 'A', sources: SOURCES });
      expect(by('good') !== null).toBe(asks);
      expect(by('bad') !== null).toBe(asks);
    },
  );

  it('says who answered, or that the answer is quoted', async () => {
    const answered = await show({ status: 'done', text: 'A', model: 'llama3' });
    expect(answered.element.querySelector('.tools')?.textContent).toContain(
      'Respondido por llama3',
    );
    TestBed.resetTestingModule();
    const quoted = await show({ status: 'done', text: 'A', model: 'extractive' }, true);
    expect(quoted.element.querySelector('.tools')?.textContent).toContain('Citado dos documentos');
  });
});
