/**
 * One case in its reading order: next step, what can be done, clocks, orders, facts, timeline.
 * Shows only what the server sent for this viewer; the reporter stays masked.
 */
import { useEffect, useRef } from "react";
import { Acts, ActsProvider } from "./Acts";
import type { Case } from "./api";
import { dueStatus, leftText } from "./clock";
import { Clocks } from "./Clocks";
import { useWords } from "./i18n";
import { model, useModel } from "./model";
import { Orders } from "./Orders";
import { Chip, stageStatus, UrgentTag } from "./status";
import { Timeline } from "./Timeline";
import { instant, momentText, useSecond } from "./time";
import { ProblemBox, Waiting } from "./Wait";

/** The open case. */
export function CaseView() {
  const { lang, t, of } = useWords();
  const opened = useModel((s) => s.opened);
  const heading = useRef<HTMLHeadingElement>(null);
  const there = opened?.data !== null;
  useEffect(() => {
    // as a page of its own (phone) the case takes the focus; beside the list the list keeps it
    if (there && window.matchMedia("(max-width: 767px)").matches) heading.current?.focus();
  }, [there]);
  if (!opened) return null;
  const c = opened.data;
  return (
    <article className="case">
      <a className="to-list" href="#/">
        ← {t("list.back")}
      </a>
      {opened.problem && <ProblemBox problem={opened.problem} again={() => void model.loadCase()} />}
      {!c && !opened.problem && <Waiting rows={6} />}
      {c && (
        <ActsProvider c={c}>
          <header className="case-head">
            <p className="meta">
              {[c.number, c.class && (lang === "zh" ? c.class.name_zh : c.class.name_en), t("facts.version", { n: c.version })].filter(Boolean).join(lang === "zh" ? "·" : " · ")}
            </p>
            <div className="case-title">
              <h1 ref={heading} tabIndex={-1}>
                {lang === "zh" ? c.title_zh : c.title_en}
              </h1>
              {c.urgency === "high" && <UrgentTag />}
              <span className="tag outline">{of("severity", c.severity)}</span>
              <Chip status={stageStatus(c)}>{t(`stage.${c.stage}`)}</Chip>
            </div>
          </header>
          <NextStep c={c} />
          <Acts c={c} />
          <div className="case-grid">
            <div className="column">
              <Clocks c={c} />
              <Facts c={c} />
            </div>
            <div className="column">
              <Orders c={c} />
              <Timeline entries={opened.entries} />
            </div>
          </div>
        </ActsProvider>
      )}
    </article>
  );
}

function NextStep({ c }: { c: Case }) {
  const { lang, t } = useWords();
  const now = useSecond();
  if (!c.next) return <p className="next none">{t("next.none")}</p>;
  const due = c.next.due_at === null ? null : instant(c.next.due_at);
  const late = due !== null && now >= due;
  const clock = c.clocks.find((k) => k.due_at === c.next?.due_at);
  const status = due === null ? "run" : dueStatus(clock ? instant(clock.started_at) : due, due, now);
  return (
    <section className={`next n-${status}`}>
      <div className="grow">
        <p className="label">
          {t("next.label", { who: c.next.who.join(lang === "zh" ? "、" : ", ") })} {status !== "run" && <Chip status={status}>{t(`status.${status}`)}</Chip>}
        </p>
        <p className="what">{lang === "zh" ? c.next.what_zh : c.next.what_en}</p>
        {due !== null && <p className="when">{t(late ? "next.over" : "next.before", { at: momentText(due, now) })}</p>}
      </div>
      {due !== null && (
        <p className="figure">
          <span className="sr">{t(late ? "next.late" : "next.left")} </span>
          {leftText(due, now, lang)}
        </p>
      )}
    </section>
  );
}

function Facts({ c }: { c: Case }) {
  const { lang, t, of } = useWords();
  const now = useSecond();
  const position = c.position && `${c.position.lat.toFixed(6)}, ${c.position.lon.toFixed(6)}`;
  const accuracy = c.position?.accuracy_m != null ? ` ${t("facts.accuracy", { n: Math.round(c.position.accuracy_m) })}` : "";
  const reporter = c.reporter && [c.reporter.name_masked, c.reporter.phone_masked].filter(Boolean).join(" ");
  const rows: [Parameters<typeof t>[0], string | null][] = [
    ["facts.description", c.description],
    ["facts.address", c.address],
    ["facts.place", (c.path.length > 0 ? c.path : [c.division]).map((p) => p.name).join(lang === "zh" ? "·" : " · ")],
    ["facts.position", position && position + accuracy],
    ["facts.class", c.class ? `${lang === "zh" ? c.class.name_zh : c.class.name_en} ${c.class.code}` : t("noClass")],
    ["facts.severity", of("severity", c.severity)],
    ["facts.urgency", of("urgency", c.urgency)],
    ["facts.source", of("source", c.source)],
    ["facts.reporter", reporter],
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
