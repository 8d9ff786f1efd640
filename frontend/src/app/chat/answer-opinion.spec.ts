import { TestBed } from '@angular/core/testing';
import { FakeServer, settle } from '../../testing/fake-server';
import { aSource } from '../../testing/records';
import { LanguageStore } from '../core/language-store';
import { MESSAGES } from '../core/messages';
import type { LibraryDocument } from '../core/wire';
import { AnswerOpinion } from './answer-opinion';

const NOTICE = { id: 'd2', name: 'aviso.txt', mediaType: 'text/plain', pages: null };
const SOURCES = [
  aSource({ n: 1, page: 12, lastPage: 13 }),
  aSource({ n: 2, page: 12, lastPage: 12 }),
  aSource({ n: 3, document: NOTICE, page: null, lastPage: null }),
];
const SHOWN = [
  { document: 'd1', page: 12 },
  { document: 'd2', page: null },
];

function aDocument(changes: Partial<LibraryDocument>): LibraryDocument {
  return {
    id: 'd1',
    name: 'Manual.pdf',
    title: '',
    pages: 47,
    language: 'pt',
    status: 'ready',
    error: '',
    ...changes,
  };
}

const DOCUMENTS = [
  aDocument({}),
  aDocument({ id: 'd3', name: 'Edital.pdf', pages: 9 }),
  aDocument({ id: 'd4', name: 'ruim.pdf', status: 'failed' }),
];

let server: FakeServer;
/** The document of the tests has no sizes, and so nothing to scroll. */
const scrolled: Element[] = [];

beforeEach(() => {
  scrolled.length = 0;
  Element.prototype.scrollIntoView = function () {
    scrolled.push(this);
  };
  server = new FakeServer().json('/feedback', { status: 'kept' }, 201);
  TestBed.configureTestingModule({ providers: server.providers });
  TestBed.inject(LanguageStore).choose('pt');
});

async function show(sources = SOURCES, documents = DOCUMENTS) {
  const fixture = TestBed.createComponent(AnswerOpinion);
  fixture.componentRef.setInput('messages', MESSAGES.pt);
  fixture.componentRef.setInput('question', 'Qual é o prazo?');
  fixture.componentRef.setInput('sources', sources);
  fixture.componentRef.setInput('documents', documents);
  const element = fixture.nativeElement as HTMLElement;
  document.body.append(element);
  const rest = async () => {
    await settle();
    await fixture.whenStable();
  };
  await rest();
  const by = (name: string) => element.querySelector<HTMLElement>(`[data-testid=${name}]`);
  const field = (name: string) => by(name) as HTMLInputElement | HTMLTextAreaElement | null;
  const select = (name: string) => by(name) as HTMLSelectElement | null;
  return {
    element,
    by,
    field,
    select,
    rest,
    press: async (name: string) => {
      by(name)!.click();
      await rest();
    },
    choose: async (name: string, label: string) => {
      const list = select(name)!;
      const option = [...list.options].find(({ text }) => text === label);
      list.value = option!.value;
      list.dispatchEvent(new Event('change'));
      await rest();
    },
    type: async (name: string, text: string) => {
      const box = field(name)!;
      box.value = text;
      box.dispatchEvent(new Event('input'));
      await rest();
    },
    options: (name: string) => [...select(name)!.options].map(({ text }) => text),
    pressed: () => ['good', 'bad'].map((name) => by(name)?.getAttribute('aria-pressed')),
    sent: () => server.sent.map(({ body }) => body),
  };
}

describe('AnswerOpinion', () => {
  it('names its buttons, for the eye and for the ear', async () => {
    const { by, pressed, element } = await show();
    expect(by('good')?.getAttribute('aria-label')).toBe('Resposta boa');
    expect(by('good')?.title).toBe('Resposta boa');
    expect(by('bad')?.getAttribute('aria-label')).toBe('Resposta ruim');
    expect(by('bad')?.title).toBe('Resposta ruim');
    expect(pressed()).toEqual(['false', 'false']);
    expect(element.querySelector('form')).toBeNull();
    expect(by('thanks')?.textContent).toBe('');
  });

  it('says at once that an answer was good, and thanks once the server has it', async () => {
    const { by, press, pressed, sent } = await show();
    await press('good');
    expect(server.sent[0]).toMatchObject({ method: 'POST', path: '/feedback' });
    expect(sent()).toEqual([{ question: 'Qual é o prazo?', verdict: 'good', sources: SHOWN }]);
    expect(pressed()).toEqual(['true', 'false']);
    expect(by('thanks')?.getAttribute('role')).toBe('status');
    expect(by('thanks')?.textContent).toBe('Obrigado. Ficou anotado.');
    await press('good');
    expect(sent()).toHaveLength(1);
  });

  it('asks which page would have been right, and sends nothing before', async () => {
    const { by, press, options, pressed, sent } = await show();
    await press('bad');
    expect(by('bad')?.getAttribute('aria-expanded')).toBe('true');
    expect(document.activeElement).toBe(by('right-page'));
    expect(options('right-page')).toEqual([
      'Não sei',
      'Manual.pdf, página 12',
      'aviso.txt',
      'Outra página…',
    ]);
    expect(pressed()).toEqual(['false', 'false']);
    expect(sent()).toEqual([]);
  });

  it('sends that it was bad, without a page where none is known', async () => {
    const { by, press, pressed, sent, element } = await show();
    await press('bad');
    await press('opinion-send');
    expect(sent()).toEqual([{ question: 'Qual é o prazo?', verdict: 'bad', sources: SHOWN }]);
    expect(pressed()).toEqual(['false', 'true']);
    expect(element.querySelector('form')).toBeNull();
    expect(by('thanks')?.textContent).toBe('Obrigado. Ficou anotado.');
    expect(document.activeElement).toBe(by('bad'));
  });

  it('sends one of the shown pages, and the note', async () => {
    const { press, choose, type, sent } = await show();
    await press('bad');
    await choose('right-page', 'Manual.pdf, página 12');
    await type('note', ' O prazo é outro. ');
    await press('opinion-send');
    expect(sent()).toMatchObject([
      { verdict: 'bad', right: { document: 'd1', page: 12 }, note: 'O prazo é outro.' },
    ]);
  });

  it('lets any page of any document be named', async () => {
    const { by, press, choose, type, options, sent } = await show();
    await press('bad');
    await choose('right-page', 'Outra página…');
    expect(options('right-document')).toEqual(['Manual.pdf', 'aviso.txt', 'Edital.pdf']);
    await choose('right-document', 'Edital.pdf');
    expect(by('right-page-number')?.getAttribute('max')).toBe('9');
    await type('right-page-number', '4');
    await press('opinion-send');
    expect(sent()).toMatchObject([{ right: { document: 'd3', page: 4 } }]);
  });

  it.each(['', '0', '48', '1.5'])('sends no page that there is not: “%s”', async (page) => {
    const { by, press, choose, type, sent } = await show();
    await press('bad');
    await choose('right-page', 'Outra página…');
    await type('right-page-number', page);
    await press('opinion-send');
    expect(sent()).toEqual([]);
    expect(by('opinion')).not.toBeNull();
  });

  it('asks for no page where a document has none', async () => {
    const { by, press, choose, sent } = await show();
    await press('bad');
    await choose('right-page', 'Outra página…');
    await choose('right-document', 'aviso.txt');
    expect(by('right-page-number')).toBeNull();
    await press('opinion-send');
    expect(sent()).toMatchObject([{ right: { document: 'd2', page: null } }]);
  });

  it('forgets what is cancelled, with the button or with Escape', async () => {
    const { by, field, press, type, sent, rest } = await show();
    await press('bad');
    await type('note', 'Nada.');
    await press('opinion-cancel');
    expect(by('opinion')).toBeNull();
    expect(document.activeElement).toBe(by('bad'));
    await press('bad');
    expect(field('note')?.value).toBe('');
    by('note')!.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }));
    await rest();
    expect(by('opinion')).toBeNull();
    expect(sent()).toEqual([]);
  });

  it('says why it could not be sent, keeps what was typed, and sends it again', async () => {
    const { by, field, select, press, choose, type, pressed, sent } = await show();
    server.json('/feedback', { error: 'As avaliações chegaram a 16 MiB.', code: 'no_space' }, 507);
    await press('bad');
    await choose('right-page', 'aviso.txt');
    await type('note', 'Era o aviso.');
    await press('opinion-send');
    expect(by('opinion-error')?.textContent).toBe('As avaliações chegaram a 16 MiB.');
    expect(by('opinion-error')?.getAttribute('role')).toBe('alert');
    expect(scrolled).toEqual([by('opinion-error')]);
    expect(select('right-page')?.selectedOptions[0]?.text).toBe('aviso.txt');
    expect(field('note')?.value).toBe('Era o aviso.');
    expect(pressed()).toEqual(['false', 'false']);
    expect(by('thanks')?.textContent).toBe('');

    server.json('/feedback', { status: 'kept' }, 201);
    await press('opinion-send');
    expect(by('opinion-error')).toBeNull();
    expect(sent()[1]).toEqual(sent()[0]);
    expect(pressed()).toEqual(['false', 'true']);
  });

  it('says that praise could not be sent, and keeps a form that is open', async () => {
    const { by, field, press, type, pressed } = await show();
    server.down('/feedback');
    await press('good');
    expect(by('opinion-error')?.textContent).toContain('http://localhost:8000');
    expect(pressed()).toEqual(['false', 'false']);
    await press('bad');
    expect(by('opinion-error')).toBeNull();
    await type('note', 'Espere.');
    await press('good');
    expect(by('opinion-error')).not.toBeNull();
    expect(field('note')?.value).toBe('Espere.');
  });

  it('lets a person change their mind', async () => {
    const { by, press, pressed, sent } = await show();
    await press('good');
    await press('bad');
    expect(by('thanks')?.textContent).toBe('');
    await press('opinion-send');
    expect(pressed()).toEqual(['false', 'true']);
    await press('good');
    expect(pressed()).toEqual(['true', 'false']);
    expect(sent()).toMatchObject([{ verdict: 'good' }, { verdict: 'bad' }, { verdict: 'good' }]);
  });

  it('sends once, however often it is pressed', async () => {
    let go: (response: Response) => void = () => undefined;
    server.on('/feedback', () => new Promise((resolve) => (go = resolve)));
    const { by, press, sent, rest } = await show();
    await press('bad');
    await press('opinion-send');
    await press('opinion-send');
    await press('good');
    await press('opinion-cancel');
    expect(sent()).toHaveLength(1);
    expect(by('opinion')?.getAttribute('aria-busy')).toBe('true');
    go(Response.json({ status: 'kept' }, { status: 201 }));
    await rest();
    expect(by('opinion')).toBeNull();
  });

  it('sends no more pages than the server takes', async () => {
    const many = Array.from({ length: 40 }, (_, at) => aSource({ n: at + 1, page: at + 1 }));
    const { press, sent } = await show(many);
    await press('good');
    expect((sent()[0] as { sources: unknown[] }).sources).toHaveLength(30);
  });

  it('needs neither sources nor documents', async () => {
    const { press, options, sent } = await show([], []);
    await press('bad');
    expect(options('right-page')).toEqual(['Não sei']);
    await press('opinion-send');
    expect(sent()).toEqual([{ question: 'Qual é o prazo?', verdict: 'bad', sources: [] }]);
  });
});
