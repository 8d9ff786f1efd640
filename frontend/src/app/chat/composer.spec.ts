import { TestBed } from '@angular/core/testing';
import { MESSAGES } from '../core/messages';
import { Composer } from './composer';

async function show(inputs: { busy?: boolean; draft?: string } = {}) {
  const fixture = TestBed.createComponent(Composer);
  fixture.componentRef.setInput('messages', MESSAGES.en);
  fixture.componentRef.setInput('busy', inputs.busy ?? false);
  fixture.componentRef.setInput('draft', inputs.draft ?? '');
  await fixture.whenStable();
  const element = fixture.nativeElement as HTMLElement;
  const asked: string[] = [];
  let stopped = 0;
  fixture.componentInstance.asked.subscribe((question) => asked.push(question));
  fixture.componentInstance.stopped.subscribe(() => stopped++);
  const box = element.querySelector('textarea')!;
  return {
    fixture,
    box,
    asked,
    stops: () => stopped,
    button: (name: string) => element.querySelector<HTMLButtonElement>(`[data-testid=${name}]`),
    alert: () => element.querySelector('[role=alert]')?.textContent.trim() ?? null,
    async type(text: string) {
      box.value = text;
      box.dispatchEvent(new Event('input'));
      await fixture.whenStable();
    },
    press(init: KeyboardEventInit = {}) {
      const event = new KeyboardEvent('keydown', { key: 'Enter', cancelable: true, ...init });
      box.dispatchEvent(event);
      return event;
    },
  };
}

describe('Composer', () => {
  it('asks with Enter, without the space around the question', async () => {
    const composer = await show();
    await composer.type('  Qual é o prazo?\n');
    expect(composer.press().defaultPrevented).toBe(true);
    expect(composer.asked).toEqual(['Qual é o prazo?']);
  });

  it('starts a new line with Shift+Enter', async () => {
    const composer = await show({ draft: 'a' });
    expect(composer.press({ shiftKey: true }).defaultPrevented).toBe(false);
    expect(composer.asked).toEqual([]);
  });

  it('leaves Enter to a character that is being composed', async () => {
    const composer = await show({ draft: 'a' });
    composer.press({ isComposing: true });
    expect(composer.asked).toEqual([]);
  });

  it('asks with its button, once there is a question', async () => {
    const composer = await show();
    expect(composer.button('send')?.disabled).toBe(true);
    await composer.type('a');
    composer.button('send')?.click();
    expect(composer.asked).toEqual(['a']);
  });

  it('does not ask nothing', async () => {
    const composer = await show({ draft: ' \n ' });
    composer.press();
    expect(composer.asked).toEqual([]);
  });

  it('offers to stop, and does not ask, while an answer comes', async () => {
    const composer = await show({ busy: true, draft: 'next' });
    composer.press();
    expect(composer.asked).toEqual([]);
    expect(composer.button('send')).toBeNull();
    composer.button('stop')?.click();
    expect(composer.stops()).toBe(1);
  });

  it('shows the draft that the page gives it', async () => {
    const composer = await show({ draft: 'first' });
    expect(composer.box.value).toBe('first');
    composer.fixture.componentRef.setInput('draft', '');
    await composer.fixture.whenStable();
    expect(composer.box.value).toBe('');
  });

  it('keeps what was typed before it came alive', async () => {
    const fixture = TestBed.createComponent(Composer);
    fixture.componentRef.setInput('messages', MESSAGES.en);
    fixture.componentRef.setInput('busy', false);
    fixture.componentRef.setInput('draft', '');
    const element = fixture.nativeElement as HTMLElement;
    element.querySelector('textarea')!.value = 'typed early';
    await fixture.whenStable();
    expect(fixture.componentInstance.draft()).toBe('typed early');
    expect(element.querySelector('textarea')!.value).toBe('typed early');
  });

  it('refuses a question that is too long, and says so', async () => {
    const composer = await show({ draft: 'a'.repeat(16_001) });
    composer.press();
    expect(composer.asked).toEqual([]);
    expect(composer.alert()).toBe('A question may have up to 16,000 characters.');
    await composer.type('a'.repeat(16_000));
    expect(composer.alert()).toBeNull();
  });
});
