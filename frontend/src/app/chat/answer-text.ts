import type { Messages } from '../core/messages';
import { placeOf } from '../shared/source-place';
import type { Turn } from './turn';

/** The answer as it is copied: its text, and the places that its markers stand for. */
export function answerToCopy(turn: Turn, messages: Messages): string {
  const places = (turn.sources ?? [])
    .filter(({ n }) => turn.cited.includes(n))
    .map((source) => `[${source.n}] ${placeOf(source, messages)}`);
  return [turn.text.trim(), places.join('\n')].filter(Boolean).join('\n\n');
}
