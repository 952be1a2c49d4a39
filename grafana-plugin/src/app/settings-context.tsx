import { createContext, useContext } from 'react';
import type { Settings } from '../settings';

const SettingsContext = createContext<Settings>({});

export const SettingsProvider = SettingsContext.Provider;
/** What the administrator has set. */
export const useSettings = (): Settings => useContext(SettingsContext);
