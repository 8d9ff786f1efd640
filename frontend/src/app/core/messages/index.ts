import type { Language } from '../language';
import { en, type Messages } from './en';
import { es } from './es';
import { pt } from './pt';

export type { Messages } from './en';

export const MESSAGES: Readonly<Record<Language, Messages>> = { pt, es, en };
