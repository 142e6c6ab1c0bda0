/**
 * Languages: the chosen one (kept in localStorage, shown in `<html lang>`) and the look-up of words.
 * Chinese comes first; both catalogues have the same keys and the same blanks (a test sees to it).
 */
import { useSyncExternalStore } from "react";
import { en } from "./en";
import { zh } from "./zh";

/** The two languages of the page. */
export type Lang = "zh" | "en";
/** Names of all texts. */
export type Key = keyof typeof zh;
/** Values for the blanks of a text, written `{name}` in the catalogue. */
export type Params = Record<string, string | number>;

const STORED = "jingwei.lang";
const catalogues: Record<Lang, Record<Key, string>> = { zh, en };
const listeners = new Set<() => void>();
let chosen: Lang = remembered();

function remembered(): Lang {
  try {
    return localStorage.getItem(STORED) === "en" ? "en" : "zh";
  } catch {
    return "zh"; // storage may be forbidden; Chinese is the language of the desk
  }
}

/** The text of `key` in `lang`, its blanks filled. */
export function say(lang: Lang, key: Key, params: Params = {}): string {
  return catalogues[lang][key].replace(/\{(\w+)\}/g, (blank, name: string) => String(params[name] ?? blank));
}

/** True if the catalogue has `key`; for words made of a code, such as `source.phone`. */
export function hasKey(key: string): key is Key {
  return Object.hasOwn(zh, key);
}

/** The word for a code of a family, or the code itself if it is newer than this page. */
export function word(lang: Lang, family: string, code: string): string {
  const key = `${family}.${code}`;
  return hasKey(key) ? say(lang, key) : code;
}

/** The language now. */
export function language(): Lang {
  return chosen;
}

/** Chooses a language, for this visit and the next. */
export function setLanguage(lang: Lang): void {
  chosen = lang;
  try {
    localStorage.setItem(STORED, lang);
  } catch {
    // not kept then: nothing is lost but the choice
  }
  tellDocument();
  for (const l of listeners) l();
}

/** Writes the language into `<html lang>`, for screen readers and fonts. */
export function tellDocument(): void {
  document.documentElement.lang = chosen === "zh" ? "zh-CN" : "en";
}

/** The language and its texts for a component. */
export function useWords(): { lang: Lang; t: (key: Key, params?: Params) => string; of: (family: string, code: string) => string } {
  const lang = useSyncExternalStore(
    (l) => {
      listeners.add(l);
      return () => listeners.delete(l);
    },
    () => chosen,
    () => chosen,
  );
  return { lang, t: (key, params) => say(lang, key, params), of: (family, code) => word(lang, family, code) };
}

/** The name of a unit in `lang`; Chinese where it has no other. */
export function unitName(lang: Lang, unit: { name: string; name_en?: string | null }): string {
  return lang === "en" ? (unit.name_en ?? unit.name) : unit.name;
}
