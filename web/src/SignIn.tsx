/**
 * Signing in. Keeps neither account nor password after the answer; the session lives in a cookie
 * that scripts cannot read.
 */
import { type FormEvent, useState } from "react";
import type { Problem } from "./api";
import { problemOf } from "./http";
import { useWords } from "./i18n";
import { model, useModel } from "./model";
import { allowSound } from "./sound";
import { ProblemBox } from "./Wait";

/** The sign-in form. */
export function SignIn() {
  const { t } = useWords();
  const ended = useModel((s) => s.ended);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);

  async function submit(e: FormEvent<HTMLFormElement>): Promise<void> {
    e.preventDefault();
    const form = new FormData(e.currentTarget);
    setBusy(true);
    setProblem(null);
    void allowSound(); // this click is what the browser wants before it lets a page ring
    try {
      await model.signIn(String(form.get("account") ?? "").trim(), String(form.get("password") ?? ""));
    } catch (error) {
      setProblem(problemOf(error));
      setBusy(false);
    }
  }

  return (
    <main className="signin" id="main">
      <form className="card" onSubmit={(e) => void submit(e)}>
        <h1>{t("signin.title")}</h1>
        {ended && !problem && (
          <p className="note" role="status">
            {t("signin.ended")}
          </p>
        )}
        {problem && <ProblemBox problem={problem} signingIn />}
        <label className="field">
          <span>{t("signin.account")}</span>
          <input name="account" autoComplete="username" autoCapitalize="none" spellCheck={false} required autoFocus />
        </label>
        <label className="field">
          <span>{t("signin.password")}</span>
          <input name="password" type="password" autoComplete="current-password" required />
        </label>
        <button type="submit" className="btn primary" disabled={busy}>
          {t(busy ? "signin.going" : "signin.go")}
        </button>
        <p className="hint">{t("signin.hint")}</p>
      </form>
    </main>
  );
}
