/**
 * The facts of a case, and what has become known of it on the way: the report, the place, the class with
 * its filing condition, what the worker found, what the reporter says. Rows without a value are left out.
 */
import type { Case } from "./api";
import { CaseLink } from "./CaseLink";
import { spanText } from "./clock";
import { type Key, unitName, useWords } from "./i18n";
import { instant, momentText, useSecond } from "./time";
import type { ReactNode } from "react";

/** The card of the facts. */
export function Facts({ c }: { c: Case }) {
  const { lang, t, of } = useWords();
  const now = useSecond();
  const position = c.position && `${c.position.lat.toFixed(6)}, ${c.position.lon.toFixed(6)}`;
  const accuracy = c.position?.accuracy_m != null ? ` ${t("facts.accuracy", { n: Math.round(c.position.accuracy_m) })}` : "";
  const reporter = c.reporter && [c.reporter.name_masked, c.reporter.phone_masked].filter(Boolean).join(" ");
  const zh = lang === "zh";
  const unlessNone = (text: string[]): string | null => (text.length > 0 ? text.join("\n") : null);
  const rows: [Key, ReactNode][] = [
    ["facts.description", c.description],
    ["facts.supplied", unlessNone(c.supplied)],
    ["facts.address", c.address],
    ["facts.place", (c.path.length > 0 ? c.path : [c.division]).map((p) => p.name).join(zh ? "·" : " · ")],
    ["facts.position", position && position + accuracy],
    ["facts.grids", unlessNone(c.grids.map((g) => `${of("layer", g.layer)} ${g.code}`))],
    ["facts.class", c.class ? `${zh ? c.class.name_zh : c.class.name_en} ${c.class.code}` : t("noClass")],
    ["facts.filing", c.condition && (zh ? c.condition.filing_zh : c.condition.filing_en)],
    ["facts.closing", c.condition && (zh ? c.condition.closing_zh : c.condition.closing_en)],
    ["facts.severity", of("severity", c.severity)],
    ["facts.urgency", of("urgency", c.urgency)],
    ["facts.source", of("source", c.source)],
    ["facts.reporter", reporter],
    ["facts.relayed", c.relayed_to && unitName(lang, c.relayed_to)],
    ["facts.confirmed", c.confirmed === null ? c.relayed_to && t("facts.confirming") : t(c.confirmed ? "form.asReported" : "form.notAsReported")],
    ["facts.solved", c.solved],
    ["facts.alerted", c.alerted.length > 0 ? c.alerted.map((d) => d.name).join(zh ? "、" : ", ") : null],
    ["facts.extensions", c.extensions > 0 ? t("facts.times", { n: c.extensions }) : null],
    ["facts.suspended", c.suspended_s > 0 && c.stage !== "suspended" ? spanText(c.suspended_s * 1000, lang) : null],
    ["facts.calledBack", c.called_back && t(c.called_back.reached ? "facts.reached" : "facts.notReached", { n: c.called_back.tries })],
    ["facts.reporterSays", c.reporter_says === null ? null : t(c.reporter_says ? "form.isSolved" : "form.notSolved")],
    ["facts.reopened", c.reopened > 0 ? t("facts.times", { n: c.reopened }) : null],
    ["facts.rateUntil", c.rate_until && momentText(instant(c.rate_until), now)],
    ["facts.absorbed", c.absorbed.length > 0 ? c.absorbed.map((id) => <CaseLink key={id} id={id} />) : null],
    ["facts.centre", c.centre.name],
    ["facts.number", c.number ?? t("facts.noNumber")],
    ["facts.reported", momentText(instant(c.reported_at), now)],
    ["facts.updated", momentText(instant(c.updated_at), now)],
  ];
  return (
    <section className="card facts" aria-labelledby="facts-title">
      <h2 id="facts-title">{t("facts.title")}</h2>
      <dl>
        {rows.map(([key, value]) => value && (
          <div key={key}>
            <dt>{t(key)}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
