/**
 * From a problem to words: what is wrong, and the way out. Never shows a code alone and never drops
 * the server's own sentence. Pure: no request, no state.
 */
import type { Problem } from "./api";
import { type Key, type Lang, say } from "./i18n";

/** What a person reads about a problem. */
export interface Words {
  /** What is wrong, one sentence. */
  what: string;
  /** What to do now. */
  way: string;
  /** For the fields of a form: field name to sentence. */
  fields: Record<string, string>;
}

/** The codes whose words are kept here; the rest is shown in the server's words. */
const KNOWN = new Set([
  "unauthenticated", "csrf", "forbidden", "not_found", "invalid", "malformed", "too_large", "stale_version",
  "key_reused", "wrong_state", "separation", "too_many", "busy", "internal", "offline", "signin", "unit_unknown",
]);

/** Codes where the server knows more than we do: its sentence goes first. */
const SERVER_FIRST = new Set(["wrong_state", "separation", "stale_version", "invalid"]);

/** The words for `problem` in `lang`. `signingIn` turns a 401 into "wrong account or password". */
export function wordsFor(problem: Problem, lang: Lang, signingIn = false): Words {
  let code = KNOWN.has(problem.code) ? problem.code : "other";
  if (signingIn && problem.code === "unauthenticated") code = "signin";
  const told = lang === "zh" ? problem.zh : problem.en;
  const theirs = told?.detail || told?.title || problem.detail || problem.title || "";
  const params = { id: problem.request_id ?? "—", n: problem.retry_after ?? 20 };
  const ours = say(lang, `problem.${code}` as Key, params);
  const way = say(lang, `way.${code}` as Key, params);
  const fields: Record<string, string> = {};
  for (const e of problem.errors ?? []) {
    // "/orders/0/unit" concerns the field "orders": our forms have one level
    const field = e.pointer.split("/").filter(Boolean)[0] ?? "";
    fields[field] ??= lang === "zh" ? e.zh : e.en;
  }
  // where each field says what is wrong with it, the server's own sentence only counts them
  const more = code === "other" || (SERVER_FIRST.has(code) && !(code === "invalid" && Object.keys(fields).length > 0));
  return { what: theirs && more ? theirs : ours, way, fields };
}
