/** The sentences in English, and the measure of the other languages: what is here must be in all of them. */
export const en = {
  welcomeTitle: 'Ask your documents',
  welcomeText: 'Every answer shows the document, the page and the passage it comes from.',
  languageLabel: 'Language',

  questionLabel: 'Your question',
  questionPlaceholder: 'Ask something about your documents…',
  questionHint: 'Enter sends, Shift+Enter starts a new line',
  questionTooLong: (limit: string) => `A question may have up to ${limit} characters.`,
  send: 'Send',
  stop: 'Stop',
  suggestionsLabel: 'Examples',
  suggestions: [
    'How do I add my own documents?',
    'What happens if there is no language model?',
    'Which file formats are accepted?',
  ] as readonly string[],

  conversation: 'Questions and answers',
  you: 'You asked',
  searching: 'Searching the documents…',
  reading: (count: number) => (count === 1 ? 'Reading 1 passage…' : `Reading ${count} passages…`),
  queued: (place: number) => `Waiting: number ${place} in the line…`,
  understood: (question: string) => `I understood the question as: ${question}`,
  answerReady: 'Answer ready.',
  answeredBy: (model: string) => `Answered by ${model}`,
  quoted: 'Quoted from the documents',
  copy: 'Copy answer',
  copied: 'Copied',
  retry: 'Try again',
  stopped: 'You stopped this answer.',
  missing: (facts: string) => `Check before you use it: ${facts} is not on the cited pages.`,
  cutShort: 'The answer reached the longest length that the model may write.',
  jumpToEnd: 'Go to the end',

  opinion: 'What you think of this answer',
  goodAnswer: 'Good answer',
  badAnswer: 'Bad answer',
  rightPage: 'Which page would have been right?',
  rightPageUnknown: 'I don’t know',
  rightPageOther: 'Another page…',
  rightDocument: 'Document',
  rightPageNumber: 'Page',
  opinionNote: 'Anything else? (optional)',
  opinionKept: 'Kept on the server only, with the question, so that it can be asked again.',
  opinionSend: 'Send',
  opinionCancel: 'Cancel',
  opinionThanks: 'Thank you. It was noted.',

  errorUnreachable: (address: string) =>
    `The server at ${address} can’t be reached. Check that it is running (scripts/run starts it) and try again.`,
  errorInterrupted: 'The answer was interrupted before its end.',
  errorUnexpected: (status: number) =>
    `The server answered in a way that I don’t understand (${status}).`,

  sources: 'Sources',
  passages: 'Passages found',
  otherPassages: (count: number) => (count === 1 ? '1 other passage' : `${count} other passages`),
  nearest: 'What comes nearest in the documents',
  noAnswerHint: 'Try other words, or look at the pages that come nearest.',
  page: (page: number) => `page ${page}`,
  pageRange: (first: number, last: number) => `pages ${first}–${last}`,
  citation: (n: number, name: string) => `Source ${n}: ${name}`,
  relevance: (percent: number) => `Relevance ${percent}%`,

  viewer: 'Source',
  close: 'Close',
  previousPage: 'Previous page',
  nextPage: 'Next page',
  zoomIn: 'Zoom in',
  zoomOut: 'Zoom out',
  openOriginal: 'Open the original',
  pageOf: (page: number, pages: number) => `Page ${page} of ${pages}`,
  pagePicture: (page: number, name: string) => `Page ${page} of ${name}, with the passage marked`,
  plainPagePicture: (page: number, name: string) => `Page ${page} of ${name}`,
  pageLoading: 'Loading the page…',
  pageFailed: 'The picture of this page can’t be shown.',
  passage: 'The passage',
  backToPassage: (page: number) => `Back to the passage, on page ${page}`,

  model: 'Model',
  modelAutomatic: (model: string) => `Automatic (${model})`,
  modelAnswering: (model: string) => `Answers: ${model}`,
  modelExtractive: 'quotation only',
  extractiveTitle: 'No language model was found',
  extractiveText:
    'So the answers quote your documents word for word. To have answers written for you, install Ollama and get a model:',
  extractiveInstall: 'Install Ollama',
  extractiveAfter: 'It is used as soon as it is there; nothing needs to be restarted.',
  extractiveWhy: 'What was tried',

  documents: 'Documents',
  documentsHint: 'Choose the documents to ask. With none chosen, all of them are asked.',
  documentsEmpty: 'There is no document yet',
  documentsSeed: 'Add files, folders or web addresses in a terminal:',
  documentsLoading: 'Loading the list…',
  documentsFailed: 'The list of documents can’t be loaded.',
  documentsChosen: (count: number) =>
    count === 1 ? 'Asking 1 document' : `Asking ${count} documents`,
  documentsAll: 'Ask all of them',
  pagesCount: (count: number) => (count === 1 ? '1 page' : `${count} pages`),
  status: {
    queued: 'Waiting',
    converting: 'Being read',
    embedding: 'Being indexed',
    ready: 'Ready',
    failed: 'Failed',
  },
};

type Sentences<T> = {
  readonly [Key in keyof T]: T[Key] extends (...values: infer Values) => string
    ? (...values: Values) => string
    : T[Key] extends string
      ? string
      : T[Key] extends readonly string[]
        ? readonly string[]
        : Sentences<T[Key]>;
};

/** Every sentence of the client. A language that lacks one does not compile. */
export type Messages = Sentences<typeof en>;
