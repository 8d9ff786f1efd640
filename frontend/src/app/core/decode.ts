/** From the API's JSON to the client's records: the one place that knows the names on the wire. */
import type {
  AnswerEvent,
  Box,
  DocumentStatus,
  DoneReason,
  LibraryDocument,
  Model,
  Models,
  Source,
  SourceDocument,
} from './wire';

type JsonObject = Readonly<Record<string, unknown>>;

const STATUSES: readonly DocumentStatus[] = [
  'queued',
  'converting',
  'embedding',
  'ready',
  'failed',
];
const DONE_REASONS: readonly DoneReason[] = ['stop', 'length', 'no_answer', 'cancelled'];

/** The error of a JSON body or of a stream's last line; null where the value is not one. */
export function decodeError(value: unknown): { message: string; code: string } | null {
  const body = asObject(value);
  return typeof body['error'] === 'string'
    ? { message: body['error'], code: asString(body['code']) }
    : null;
}

/** What one line of an answer's stream says; a line may say several things, or nothing we use. */
export function decodeAnswerLine(value: unknown): AnswerEvent[] {
  const line = asObject(value);
  const events: AnswerEvent[] = [];
  const place = asNumber(line['queued'], 0);
  if (place > 0) events.push({ type: 'queued', place });
  const question = asString(line['question']);
  if (question !== '') events.push({ type: 'understood', question });
  if (line['reset'] === true) events.push({ type: 'reset', model: asString(line['model']) });
  if (Array.isArray(line['sources'])) {
    const sources = line['sources'].map(decodeSource);
    events.push({ type: 'sources', model: asString(line['model']), sources });
  }
  const text = asString(asObject(line['message'])['content']);
  if (text !== '') events.push({ type: 'text', text });
  if (line['done'] === true) {
    const reason = oneOf(DONE_REASONS, line['done_reason'], 'stop');
    const citations = asArray(line['citations']).map(asObject);
    const cited = citations.map((citation) => asNumber(citation['n'], 0));
    const missing = citations.flatMap((citation) => asArray(citation['missing']).map(asString));
    events.push({ type: 'done', reason, cited, missing: [...new Set(missing)] });
  }
  return events;
}

/** The name by which an answer can be read again; empty where a line doesn't tell it. */
export function decodeAnswerName(value: unknown): string {
  return asString(asObject(value)['id']);
}

export function decodeModels(value: unknown): Models {
  const body = asObject(value);
  return {
    answering: asString(body['answering']) || null,
    models: asArray(body['models']).map((item): Model => {
      const model = asObject(item);
      return {
        name: asString(model['name']),
        kind: asString(model['kind']),
        available: model['available'] === true,
        reason: asString(model['reason']),
      };
    }),
  };
}

export function decodeDocuments(value: unknown): LibraryDocument[] {
  return asArray(asObject(value)['documents']).map((item) => {
    const document = asObject(item);
    return {
      id: asString(document['id']),
      name: asString(document['name']),
      title: asString(document['title']),
      pages: asPositive(document['pages']),
      language: asString(document['language']),
      status: oneOf(STATUSES, document['status'], 'ready'),
      error: asString(document['error']),
    };
  });
}

function decodeSource(value: unknown): Source {
  const source = asObject(value);
  const page = asPositive(source['page']);
  const text = asString(source['text']);
  return {
    n: asNumber(source['n'], 0),
    document: decodeSourceDocument(source['document']),
    page,
    lastPage: asPositive(source['last_page']) ?? page,
    section: asArray(source['section']).map(asString).filter(Boolean),
    text,
    markdown: asString(source['markdown']) || text,
    boxes: asArray(source['boxes']).map(decodeBox),
    relevance: Math.min(1, Math.max(0, asNumber(source['relevance'], 0))),
    image: asString(source['image']) || null,
  };
}

function decodeBox(value: unknown): Box {
  const box = asObject(value);
  return {
    page: asNumber(box['page'], 0),
    x0: asNumber(box['x0'], 0),
    y0: asNumber(box['y0'], 0),
    x1: asNumber(box['x1'], 0),
    y1: asNumber(box['y1'], 0),
  };
}

function decodeSourceDocument(value: unknown): SourceDocument {
  const document = asObject(value);
  return {
    id: asString(document['id']),
    name: asString(document['name']),
    mediaType: asString(document['media_type']),
    pages: asPositive(document['pages']),
  };
}

function asObject(value: unknown): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : {};
}

function asArray(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function asString(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function asNumber(value: unknown, otherwise: number): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : otherwise;
}

/** Pages count from 1; 0 or nothing means that there are none. */
function asPositive(value: unknown): number | null {
  const number = asNumber(value, 0);
  return number > 0 ? number : null;
}

function oneOf<T extends string>(allowed: readonly T[], value: unknown, otherwise: T): T {
  return allowed.find((one) => one === value) ?? otherwise;
}
