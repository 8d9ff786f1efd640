import type { Failure } from './api-error';
import type { Messages } from './messages';

/** What a failure tells the person: the server's own sentence where it sent one. */
export function failureMessage(failure: Failure, messages: Messages, address: string): string {
  switch (failure.kind) {
    case 'refused':
      return failure.message;
    case 'unreachable':
      return messages.errorUnreachable(address);
    case 'interrupted':
      return messages.errorInterrupted;
    case 'unexpected':
      return messages.errorUnexpected(failure.status);
  }
}
