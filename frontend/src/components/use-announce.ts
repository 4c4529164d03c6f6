import { createContext, use } from 'react';

export type Announce = (message: string) => void;

export const AnnouncerContext = createContext<Announce>(() => undefined);

/** Says a sentence to a screen reader; see AnnouncerProvider. */
export const useAnnounce = (): Announce => use(AnnouncerContext);
