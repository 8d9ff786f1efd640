import { TestBed } from '@angular/core/testing';
import { FakeServer, settle } from '../../testing/fake-server';
import { aWireSource } from '../../testing/records';
import { LanguageStore } from '../core/language-store';
import { Viewport } from '../core/viewport';
import { LibraryStore } from '../library/library-store';
import { ChatPage } from './chat-page';

const LLAMA = { name: 'llama3', kind: 'ollama', available: true, reason: 'Runs.' };
const GEMINI = {
  name: 'gemini',
  kind: 'gemini',
  available: false,
  reason: 'GOOGLE_API_KEY falta.',
};
const EXTRACTIVE = { name: 'extractive', kind: 'extractive', available: true, reason: 'Always.' };
const DOCUMENT = { id: 'd1', name: 'Manual.pdf', pages: 47, language: 'pt', status: 'ready' };

let server: FakeServer;

beforeEach(() => {
  server = new FakeServer()
    .json('/models', { answering: 'llama3', models: [LLAMA, GEMINI] })
    .json('/documents', { documents: [DOCUMENT] });
  TestBed.configureTestingModule({
    providers: [...server.providers, { provide: Viewport, useValue: { wide: () => true } }],
  });
});

async function open() {
  TestBed.inject(LanguageStore).choose('pt');
  const fixture = TestBed.createComponent(ChatPage);
  const element = fixture.nativeElement as HTMLElement;
  const rest = async () => {
    await settle();
    await fixture.whenStable();
  };
  await rest();
  const by = (name: string) => element.querySelector<HTMLElement>(`[data-testid=${name}]`);
  const box = element.querySelector('textarea')!;
  return {
    fixture,
    element,
    by,
    box,
    rest,
    async press(name: string) {
      by(name)!.click();
      await rest();
    },
    async ask(question: string) {
      box.value = question;
      box.dispatchEvent(new Event('input'));
      await rest();
      by('send')!.click();
      await rest();
    },
  };
}

describe('ChatPage', () => {
  it('welcomes with suggestions, and asks the one that is pressed', async () => {
    server.answer();
    const page = await open();
    expect(page.element.querySelectorAll('[data-testid=suggestion]')).toHaveLength(3);
    await page.press('suggestion');
    expect(server.questions()[0]?.body).toEqual({ prompt: 'Como adiciono os meus documentos?' });
    expect(page.by('suggestion')).toBeNull();
  });

  it('empties the box when it asks, and reads the answer out once it is there', async () => {
    const stream = server.answer();
    const page = await open();
    await page.ask('Qual é o prazo?');
    expect(page.box.value).toBe('');
    const live = page.element.querySelector('[aria-live=polite][role=status]');
    stream.sources(aWireSource()).text('São 30 dias [1].');
    await page.rest();
    expect(page.by('answer')?.textContent).toContain('São 30 dias');
    expect(live?.textContent).toBe('');
    stream.done();
    await page.rest();
    expect(live?.textContent).toBe('Resposta pronta. São 30 dias [1].');
  });

  it('lets any of the documents be named as the right one', async () => {
    const page = await open();
    server.answer().text('Um.').done();
    await page.ask('pergunta');
    await page.press('bad');
    const choice = page.by('right-page') as HTMLSelectElement;
    choice.value = 'other';
    choice.dispatchEvent(new Event('change'));
    await page.rest();
    expect(page.by('right-document')?.textContent).toContain('Manual.pdf');
  });

  it('shows several questions with their answers', async () => {
    const page = await open();
    for (const answer of ['Um.', 'Dois.']) {
      server.answer().text(answer).done();
      await page.ask(`pergunta ${answer}`);
    }
    const answers = page.element.querySelectorAll('[data-testid=answer]');
    expect([...answers].map((one) => one.textContent.trim())).toEqual(['Um.', 'Dois.']);
  });

  it('gives the question back when it fails, and tries again', async () => {
    server.down('/');
    const page = await open();
    await page.ask('Qual é o prazo?');
    expect(page.by('error')?.textContent).toContain('http://localhost:8000');
    expect(page.box.value).toBe('Qual é o prazo?');
    server.answer().text('São 30 dias.').done();
    await page.press('retry');
    expect(page.by('error')).toBeNull();
    expect(page.by('answer')?.textContent).toContain('São 30 dias.');
    expect(page.box.value).toBe('');
  });

  it('does not overwrite what is being written when a question fails', async () => {
    const stream = server.answer();
    const page = await open();
    await page.ask('Qual é o prazo?');
    page.box.value = 'E a multa?';
    page.box.dispatchEvent(new Event('input'));
    stream.end();
    await page.rest();
    expect(page.box.value).toBe('E a multa?');
  });

  it('stops the answer', async () => {
    server.answer().text('São ');
    const page = await open();
    await page.ask('Qual é o prazo?');
    await page.press('stop');
    expect(page.by('stopped')).not.toBeNull();
    expect(page.by('send')).not.toBeNull();
    expect(page.box.value).toBe('');
  });

  it('opens the source of a citation beside the answer, and closes it', async () => {
    server.answer().sources(aWireSource()).text('São 30 dias [1].').done();
    const page = await open();
    await page.ask('Qual é o prazo?');
    await page.press('citation');
    expect(page.by('viewer')?.textContent).toContain('Manual.pdf');
    await page.press('viewer-close');
    expect(page.by('viewer')).toBeNull();
  });

  it('limits the question to the chosen documents, until all are asked again', async () => {
    server.answer().done();
    const page = await open();
    TestBed.inject(LibraryStore).toggle('d1');
    await page.rest();
    expect(page.element.querySelector('.scope')?.textContent).toContain('Consultando 1 documento');
    await page.ask('Qual é o prazo?');
    expect(server.questions()[0]?.body).toMatchObject({ documents: ['d1'] });
    page.element.querySelector<HTMLElement>('.scope button')?.click();
    await page.rest();
    expect(page.element.querySelector('.scope')).toBeNull();
  });

  it('asks the model that is chosen', async () => {
    server.json('/models', { answering: 'llama3', models: [LLAMA, EXTRACTIVE] });
    server.answer().done();
    const page = await open();
    const select = page.by('model') as HTMLSelectElement;
    select.value = 'extractive';
    select.dispatchEvent(new Event('change'));
    await page.ask('Qual é o prazo?');
    expect(server.questions()[0]?.body).toMatchObject({ model: 'extractive' });
  });

  it('says how to get a language model where there is none', async () => {
    server.json('/models', { answering: 'extractive', models: [GEMINI, EXTRACTIVE] });
    const page = await open();
    expect(page.by('no-model')?.textContent).toContain('ollama pull llama3');
    expect(page.by('no-model')?.textContent).toContain('GOOGLE_API_KEY falta.');
    expect(page.by('no-model')?.textContent).not.toContain('Always.');
  });

  it('says nothing of that where there is one', async () => {
    expect((await open()).by('no-model')).toBeNull();
  });

  it('shows how to add documents where there are none', async () => {
    server.json('/documents', { documents: [] });
    const page = await open();
    expect(page.element.textContent).toContain('scripts/seed');
    expect(page.by('suggestion')).toBeNull();
  });

  it('says that the server can’t be reached, and looks again', async () => {
    server.down('/models', '/documents');
    const page = await open();
    expect(page.by('error')?.textContent).toContain('http://localhost:8000');
    server.json('/models', { answering: 'llama3', models: [LLAMA] });
    server.json('/documents', { documents: [DOCUMENT] });
    await page.press('retry');
    expect(page.by('error')).toBeNull();
    expect(page.by('model')?.textContent).toContain('llama3');
  });

  it('says it once when a question fails as well, and looks again once one succeeds', async () => {
    server.down('/', '/models');
    const page = await open();
    await page.ask('Qual é o prazo?');
    expect(page.element.querySelectorAll('[data-testid=error]')).toHaveLength(1);
    server.json('/models', { answering: 'llama3', models: [LLAMA] });
    server.answer().text('São 30 dias.').done();
    await page.press('retry');
    expect(page.by('error')).toBeNull();
    expect(page.by('model')?.textContent).toContain('llama3');
  });

  it('asks for the reasons again in another language', async () => {
    const page = await open();
    TestBed.inject(LanguageStore).choose('es');
    await page.rest();
    const asked = server.sent.filter(({ path }) => path === '/models');
    expect(asked.at(-1)?.headers.get('Accept-Language')).toBe('es');
    expect(page.element.textContent).toContain('Pregunta a tus documentos');
  });
});
