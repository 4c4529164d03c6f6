import { createContext, use } from 'react';

export type Tone = 'done' | 'problem';

/** A button in the notice, such as Undo; the sentence is then said by who notifies. */
export interface NoticeAction {
  label: string;
  run: () => void;
}
export type Notify = (tone: Tone, text: string, action?: NoticeAction) => void;

export const NoticesContext = createContext<Notify>(() => undefined);

/** Shows a short sentence at the bottom left; see NoticesProvider. */
export const useNotify = (): Notify => use(NoticesContext);
