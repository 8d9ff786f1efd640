/** The records that the API sends, as the client uses them. */

/** A rectangle on a page, in PDF points from the top left corner; pages count from 1. */
export interface Box {
  readonly page: number;
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}

export interface SourceDocument {
  readonly id: string;
  readonly name: string;
  readonly mediaType: string;
  /** null where a document has no pages, such as a web page. */
  readonly pages: number | null;
}

/** A passage that an answer was made from. */
export interface Source {
  /** The number that stands in the answer as [n]. */
  readonly n: number;
  readonly document: SourceDocument;
  readonly page: number | null;
  readonly lastPage: number | null;
  readonly section: readonly string[];
  readonly text: string;
  readonly markdown: string;
  /** Where the passage stands on its pages; empty where that is not known. */
  readonly boxes: readonly Box[];
  /** 0..1 */
  readonly relevance: number;
  /** The path, on the API, of the page's picture with this passage marked. */
  readonly image: string | null;
}

export type DocumentStatus = 'queued' | 'converting' | 'embedding' | 'ready' | 'failed';

export interface LibraryDocument {
  readonly id: string;
  readonly name: string;
  readonly title: string;
  readonly pages: number | null;
  readonly language: string;
  readonly status: DocumentStatus;
  readonly error: string;
}

export interface Model {
  readonly name: string;
  readonly kind: string;
  readonly available: boolean;
  /** Why it is or is not available: a sentence in the language of the request. */
  readonly reason: string;
}

export interface Models {
  /** The name of the model that answers when none is asked for; null where nothing can. */
  readonly answering: string | null;
  readonly models: readonly Model[];
}

export type DoneReason = 'stop' | 'length' | 'no_answer' | 'cancelled';

/** What was said before in a conversation. */
export interface Message {
  readonly role: 'user' | 'assistant';
  readonly content: string;
}

export interface Question {
  readonly prompt: string;
  /** Ids of the documents to ask; all of them where empty. */
  readonly documents: readonly string[];
  /** null leaves the choice to the server. */
  readonly model: string | null;
}

export type Verdict = 'good' | 'bad';

/** A page of a document, from 1; null where it has none. */
export interface Place {
  readonly document: string;
  readonly page: number | null;
}

/** What a person says of an answer. */
export interface Feedback {
  readonly question: string;
  readonly verdict: Verdict;
  /** The pages that the answer came with, in their order. */
  readonly sources: readonly Place[];
  /** The page that would have been right; null where the person names none. */
  readonly right: Place | null;
  readonly note: string;
}

/**
 * What arrives while a question is answered: sources once, text many times, done once. Before it, the place
 * in the line while others are answered, and the question as it is understood from the conversation. After a
 * reset another model answers from the beginning.
 */
export type AnswerEvent =
  | { readonly type: 'queued'; readonly place: number }
  | { readonly type: 'understood'; readonly question: string }
  | { readonly type: 'sources'; readonly model: string; readonly sources: readonly Source[] }
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'reset'; readonly model: string }
  | {
      readonly type: 'done';
      readonly reason: DoneReason;
      readonly cited: readonly number[];
      /** Numbers and names of the answer that its sources don't hold. */
      readonly missing: readonly string[];
    };
