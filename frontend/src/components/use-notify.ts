import { createContext, use } from 'react';

export type Tone = 'done' | 'problem';
export type Notify = (tone: Tone, text: string) => void;

export const NoticesContext = createContext<Notify>(() => undefined);

/** Shows a short sentence at the bottom left; see NoticesProvider. */
export const useNotify = (): Notify => use(NoticesContext);
