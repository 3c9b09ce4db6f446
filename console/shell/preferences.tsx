import { type Theme, theme } from '../store/preferences.ts';
import { type Language, language, t } from '../text/text.ts';
import { Icon } from '../ui/icon.tsx';

const next: Readonly<Record<Theme, Theme>> = { system: 'light', light: 'dark', dark: 'system' };
const icons = { system: 'auto', light: 'sun', dark: 'moon' } as const;

/** Goes through the colours: as the system says, light, dark. */
export function ThemeChoice() {
  const words = `${t('theme.label')}: ${t(`theme.${theme.value}`)}`;
  return (
    <button
      type="button"
      class="quiet icon-only"
      title={words}
      aria-label={words}
      onClick={() => {
        theme.value = next[theme.value];
      }}
    >
      <Icon name={icons[theme.value]} />
    </button>
  );
}

const others: Readonly<Record<Language, { readonly to: Language; readonly word: string }>> = {
  en: { to: 'zh', word: '中文' },
  zh: { to: 'en', word: 'English' },
};

export function LanguageChoice() {
  const { to, word } = others[language.value];
  return (
    <button
      type="button"
      class="quiet"
      lang={to}
      onClick={() => {
        language.value = to;
      }}
    >
      {word}
    </button>
  );
}
