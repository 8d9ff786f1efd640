import { TestBed } from '@angular/core/testing';
import { MESSAGES } from '../core/messages';
import type { Model } from '../core/wire';
import { ModelLine } from './model-line';

const LLAMA: Model = { name: 'llama3', kind: 'ollama', available: true, reason: '' };
const EXTRACTIVE: Model = { name: 'extractive', kind: 'extractive', available: true, reason: '' };

async function show(models: Model[], automatic: string | null, chosen: string | null = null) {
  const fixture = TestBed.createComponent(ModelLine);
  for (const [name, value] of Object.entries({
    messages: MESSAGES.en,
    models,
    automatic,
    chosen,
  })) {
    fixture.componentRef.setInput(name, value);
  }
  await fixture.whenStable();
  const choices: (string | null)[] = [];
  fixture.componentInstance.choice.subscribe((name) => choices.push(name));
  const element = fixture.nativeElement as HTMLElement;
  return { choices, line: element.querySelector<HTMLSelectElement>('[data-testid=model]') };
}

describe('ModelLine', () => {
  it('names the only model', async () => {
    const { line } = await show([EXTRACTIVE], 'extractive');
    expect(line?.textContent).toBe('Answers: quotation only');
  });

  it('says nothing while nothing is known', async () => {
    expect((await show([], null)).line).toBeNull();
  });

  it('lets the person choose among several, or leave it to the server', async () => {
    const { line, choices } = await show([LLAMA, EXTRACTIVE], 'llama3');
    expect([...(line?.options ?? [])].map(({ text }) => text)).toEqual([
      'Automatic (llama3)',
      'llama3',
      'quotation only',
    ]);
    for (const value of ['extractive', '']) {
      line!.value = value;
      line!.dispatchEvent(new Event('change'));
    }
    expect(choices).toEqual(['extractive', null]);
  });

  it('shows the choice', async () => {
    const { line } = await show([LLAMA, EXTRACTIVE], 'llama3', 'extractive');
    expect(line?.value).toBe('extractive');
  });
});
