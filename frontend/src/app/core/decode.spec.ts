import { aSource, aWireSource } from '../../testing/records';
import {
  decodeAnswerLine,
  decodeAnswerName,
  decodeDocuments,
  decodeError,
  decodeModels,
} from './decode';

describe('decodeAnswerLine', () => {
  it('reads the sources and the model of the first line', () => {
    const line = {
      model: 'llama3',
      message: { content: '' },
      done: false,
      sources: [aWireSource()],
    };
    expect(decodeAnswerLine(line)).toEqual([
      { type: 'sources', model: 'llama3', sources: [aSource()] },
    ]);
  });

  it('reads a source without pages or Markdown', () => {
    const bare = { n: 2, document: { id: 'w', name: 'web', pages: null }, page: null, text: 'T' };
    const [event] = decodeAnswerLine({ sources: [bare] });
    expect(event).toMatchObject({
      sources: [{ n: 2, page: null, lastPage: null, markdown: 'T', image: null, boxes: [] }],
    });
  });

  it('keeps relevance between 0 and 1', () => {
    const [event] = decodeAnswerLine({ sources: [aWireSource({ relevance: 1.7 })] });
    expect(event).toMatchObject({ sources: [{ relevance: 1 }] });
  });

  it('reads a piece of text', () => {
    expect(decodeAnswerLine({ message: { content: 'O prazo ' }, done: false })).toEqual([
      { type: 'text', text: 'O prazo ' },
    ]);
  });

  it('reads text and end from one line', () => {
    const line = {
      message: { content: '.' },
      done: true,
      done_reason: 'length',
      citations: [{ n: 3 }],
    };
    expect(decodeAnswerLine(line)).toEqual([
      { type: 'text', text: '.' },
      { type: 'done', reason: 'length', cited: [3], missing: [] },
    ]);
  });

  it('reads what comes before the sources, and what begins anew', () => {
    expect(decodeAnswerLine({ id: 'a', queued: 2 })).toEqual([{ type: 'queued', place: 2 }]);
    expect(decodeAnswerLine({ id: 'a', question: 'E o prazo?' })).toEqual([
      { type: 'understood', question: 'E o prazo?' },
    ]);
    expect(decodeAnswerLine({ reset: true, model: 'extractive' })).toEqual([
      { type: 'reset', model: 'extractive' },
    ]);
    expect([decodeAnswerName({ id: 'a' }), decodeAnswerName({ id: 7 })]).toEqual(['a', '']);
  });

  it('reads what the sources of an answer lack, once', () => {
    const citations = [
      { n: 1, start: 0, end: 5, support: 0.3, missing: ['45', 'Madrid'] },
      { n: 2, start: 0, end: 5, support: 0.3, missing: ['45'] },
    ];
    expect(decodeAnswerLine({ done: true, done_reason: 'stop', citations })).toMatchObject([
      { type: 'done', missing: ['45', 'Madrid'] },
    ]);
  });

  it('takes an unknown reason for an ordinary end', () => {
    expect(decodeAnswerLine({ done: true, done_reason: 'tired' })).toEqual([
      { type: 'done', reason: 'stop', cited: [], missing: [] },
    ]);
  });

  it('finds nothing in a line of something else', () => {
    expect([null, 7, 'text', [], {}].flatMap(decodeAnswerLine)).toEqual([]);
  });
});

describe('decodeError', () => {
  it('reads the sentence and the code', () => {
    const error = { error: 'O modelo não responde.', code: 'model_unavailable' };
    expect(decodeError(error)).toEqual({
      message: 'O modelo não responde.',
      code: 'model_unavailable',
    });
  });

  it('is null for a line that is no error', () => {
    expect(decodeError({ message: { content: 'error' } })).toBeNull();
  });
});

describe('decodeModels', () => {
  it('reads which model answers, and why the others do not', () => {
    const gemini = { name: 'gemini', kind: 'gemini', available: false, reason: 'No key.' };
    expect(decodeModels({ answering: 'llama3', models: [gemini] })).toEqual({
      answering: 'llama3',
      models: [gemini],
    });
  });

  it('knows no model where none answers', () => {
    expect(decodeModels({})).toEqual({ answering: null, models: [] });
  });
});

describe('decodeDocuments', () => {
  it('reads a document that failed', () => {
    const document = {
      id: 'd',
      name: 'a.pdf',
      title: 'A',
      pages: 3,
      language: 'pt',
      status: 'failed',
      error: 'Protegido por senha.',
    };
    expect(decodeDocuments({ documents: [{ ...document, source: '/a.pdf' }] })).toEqual([document]);
  });

  it('reads a document without pages or error', () => {
    const [document] = decodeDocuments({
      documents: [{ id: 'w', name: 'web', pages: null, error: null, status: 'ready' }],
    });
    expect(document).toMatchObject({ pages: null, error: '', status: 'ready' });
  });
});
