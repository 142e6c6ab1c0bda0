/**
 * How a case stands beside its next step: suspended, going on in another case, sent back with a reason,
 * under a leader's instruction. Each is a sentence; none is told by a colour.
 */
import type { ReactNode } from "react";
import type { Case } from "./api";
import { CaseLink } from "./CaseLink";
import { spanText } from "./clock";
import { useWords } from "./i18n";
import { instant, momentText, useSecond } from "./time";

/** What is to be known of `c` before anybody acts; nothing when it goes its usual way. */
export function Standing({ c }: { c: Case }) {
  const { lang, t } = useWords();
  const now = useSecond();
  const resume = c.clocks.find((k) => k.kind === "resume" && k.stopped_at === null);
  const lines: [string, ReactNode][] = [];
  if (c.stage === "suspended") {
    lines.push(["hold", (
      <>
        <b>{t("standing.stopped")}</b>
        {resume && t("standing.suspended", { since: momentText(instant(resume.started_at), now), until: momentText(instant(resume.due_at), now), span: spanText(now - instant(resume.started_at), lang) })}
        {c.suspended_because && t("standing.because", { text: c.suspended_because })}
      </>
    )]);
  }
  if (c.merged_into) {
    lines.push(["merged", (
      <>
        <b>{t("stage.merged")}</b>
        {t("standing.merged")} <CaseLink id={c.merged_into} />
      </>
    )]);
  }
  if (c.reason && ["returned", "refused", "voided"].includes(c.stage)) {
    lines.push(["reason", (
      <>
        <b>{t(`stage.${c.stage}`)}</b>
        {t("standing.because", { text: c.reason })}
      </>
    )]);
  }
  if (c.instruction) {
    lines.push(["instruction", (
      <>
        <b>{t("standing.instruction")}</b>
        {c.instruction}
      </>
    )]);
  }
  if (c.solved_on_spot) lines.push(["solved", <b key="solved">{t("standing.solved")}</b>]);
  if (lines.length === 0) return null;
  return (
    <ul className="standing">
      {lines.map(([key, line]) => (
        <li key={key} className={key}>
          {line}
        </li>
      ))}
    </ul>
  );
}
