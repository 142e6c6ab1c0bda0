/**
 * What stands where data is not there yet, and the box that tells a problem with its way out.
 * Skeleton rows only after 300 ms, so that a fast answer does not flicker; words after 5 s.
 */
import { useEffect, useState } from "react";
import type { Problem } from "./api";
import { useWords } from "./i18n";
import { wordsFor } from "./problem";

/** Skeleton rows while something is fetched. */
export function Waiting({ rows = 4 }: { rows?: number }) {
  const { t } = useWords();
  const [stage, setStage] = useState(0);
  useEffect(() => {
    const a = setTimeout(() => setStage(1), 300);
    const b = setTimeout(() => setStage(2), 5000);
    return () => {
      clearTimeout(a);
      clearTimeout(b);
    };
  }, []);
  if (stage === 0) return null;
  return (
    <div className="waiting">
      <p className={stage === 2 ? "" : "sr"} role="status">
        {t(stage === 2 ? "loading.slow" : "loading")}
      </p>
      {Array.from({ length: rows }, (_, i) => (
        <div className="skeleton" key={i} aria-hidden="true" />
      ))}
    </div>
  );
}

/** A problem in words, with a way to try again if there is one. */
export function ProblemBox({ problem, again, signingIn }: { problem: Problem; again?: () => void; signingIn?: boolean }) {
  const { lang, t } = useWords();
  const words = wordsFor(problem, lang, signingIn);
  return (
    <div className="problem" role="alert">
      <p>
        <b>{words.what}</b> {words.way}
      </p>
      {again && (
        <button type="button" className="btn" onClick={again}>
          {t("retry")}
        </button>
      )}
    </div>
  );
}
