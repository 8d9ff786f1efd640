import { aSource } from '../../testing/records';
import { MESSAGES } from '../core/messages';
import { answerToCopy } from './answer-text';
import { startTurn } from './turn';

const TURN = startTurn(1, { prompt: 'x', documents: [], model: null });

describe('answerToCopy', () => {
  it('names the places that the answer cites, and no others', () => {
    const sources = [aSource({ n: 1, lastPage: 13 }), aSource({ n: 2 })];
    const turn = { ...TURN, text: 'São 30 dias [1].\n', sources, cited: [1] };
    expect(answerToCopy(turn, MESSAGES.pt)).toBe(
      'São 30 dias [1].\n\n[1] Manual.pdf, páginas 12–13',
    );
  });

  it('is the text alone where nothing is cited', () => {
    expect(answerToCopy({ ...TURN, text: 'Olá.' }, MESSAGES.en)).toBe('Olá.');
  });
});
