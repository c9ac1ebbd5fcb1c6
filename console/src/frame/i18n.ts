import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';

/** The languages, the first one first. */
export const languages = { 'zh-CN': '中文', en: 'English' } as const;
export type Language = keyof typeof languages;

const KEPT = 'heng.language';

// One file a desk and language, fetched when a page first needs it.
const files = import.meta.glob<{ default: Record<string, unknown> }>('../locales/*/*.json');

function preferred(): Language {
  const kept = globalThis.localStorage?.getItem(KEPT);
  if (kept === 'zh-CN' || kept === 'en') return kept;
  return globalThis.navigator?.language.startsWith('en') ? 'en' : 'zh-CN';
}

/** Loads the words; resolves when the frame's own are there. */
export function startWords() {
  return i18next
    .use({
      type: 'backend' as const,
      read(language: string, namespace: string, done: (error: unknown, words: unknown) => void) {
        const load = files[`../locales/${language}/${namespace}.json`];
        if (!load) return done(new Error(`no words for ${namespace} in ${language}`), null);
        load().then(
          (file) => done(null, file.default),
          (error: unknown) => done(error, null),
        );
      },
    })
    .use(initReactI18next)
    .init({
      lng: preferred(),
      supportedLngs: Object.keys(languages),
      fallbackLng: false,
      ns: ['frame', 'parts'],
      defaultNS: 'frame',
      interpolation: { escapeValue: false },
      // A word that is missing must be seen: the browser tests look for this bracket.
      parseMissingKeyHandler: (key: string, otherwise?: string) => otherwise ?? `⟦${key}⟧`,
    });
}

export function language(): Language {
  return i18next.language === 'en' ? 'en' : 'zh-CN';
}

export async function speak(next: Language) {
  localStorage.setItem(KEPT, next);
  await i18next.changeLanguage(next);
  document.documentElement.lang = next;
}
