import { TestBed } from '@angular/core/testing';
import { aSource } from '../../testing/records';
import { MESSAGES } from '../core/messages';
import type { Source } from '../core/wire';
import { SourceList } from './source-list';

async function show(...sources: Source[]) {
  const fixture = TestBed.createComponent(SourceList);
  fixture.componentRef.setInput('messages', MESSAGES.pt);
  fixture.componentRef.setInput('sources', sources);
  await fixture.whenStable();
  return { fixture, element: fixture.nativeElement as HTMLElement };
}

describe('SourceList', () => {
  it('says where a passage stands, how it begins and how relevant it is', async () => {
    const { element } = await show(aSource());
    const button = element.querySelector('[data-testid=source-1]');
    expect(button?.textContent).toContain('Manual.pdf');
    expect(button?.textContent).toContain('página 12 · Começar › Adicionar');
    expect(button?.textContent).toContain('Para adicionar documentos');
    expect(button?.textContent).toContain('Relevância 83%');
    expect(element.querySelector<HTMLElement>('.bar')?.style.inlineSize).toBe('83%');
  });

  it('shortens a long passage between words', async () => {
    const { element } = await show(aSource({ text: 'palavra\n '.repeat(100) }));
    const excerpt = element.querySelector('.excerpt')?.textContent ?? '';
    expect(excerpt).toMatch(/^(palavra )+palavra…$/);
    expect(excerpt.length).toBeLessThanOrEqual(181);
  });

  it('opens the passage that is pressed', async () => {
    const second = aSource({ n: 2 });
    const { fixture, element } = await show(aSource(), second);
    const opened: Source[] = [];
    fixture.componentInstance.opened.subscribe((source) => opened.push(source));
    element.querySelector<HTMLElement>('[data-testid=source-2]')?.click();
    expect(opened).toEqual([second]);
  });
});
