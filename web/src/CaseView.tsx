/**
 * One case in its reading order: next step, how it stands, what can be done, what waits for a decision,
 * clocks, orders, facts, timeline. Shows only what the server sent for this viewer; the reporter stays
 * masked.
 */
import { useEffect, useRef } from "react";
import { Acts, ActsProvider } from "./Acts";
import type { Case } from "./api";
import { dueStatus, leftText, viewClock } from "./clock";
import { Clocks } from "./Clocks";
import { Facts } from "./Facts";
import { useWords } from "./i18n";
import { model, useModel } from "./model";
import { Orders } from "./Orders";
import { Requests } from "./Requests";
import { Standing } from "./Standing";
import { Chip, stageStatus, SupervisionTag, UrgentTag } from "./status";
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
              {c.supervision && <SupervisionTag level={c.supervision} />}
              {c.confidential && <span className="tag outline">{t("confidential")}</span>}
              <span className="tag outline">{of("severity", c.severity)}</span>
              <Chip status={stageStatus(c)}>{t(`stage.${c.stage}`)}</Chip>
            </div>
          </header>
          <NextStep c={c} />
          <Standing c={c} />
          <Acts c={c} />
          <div className="case-grid">
            <div className="column">
              <Clocks c={c} />
              <Facts c={c} />
            </div>
            <div className="column">
              <Requests c={c} />
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
  if (c.stage === "merged") return null; // how it goes on is told below
  if (!c.next) return <p className="next none">{t("next.none")}</p>;
  const due = c.next.due_at === null ? null : instant(c.next.due_at);
  const late = due !== null && now >= due;
  const clock = c.clocks.find((k) => k.due_at === c.next?.due_at && k.stopped_at === null);
  const running = due === null ? "run" : clock ? viewClock(clock, now, lang).status : dueStatus(due, due, now);
  const status = c.stage === "suspended" ? "hold" : running;
  return (
    <section className={`next n-${status}`}>
      <div className="grow">
        <p className="label">
          {t("next.label", { who: c.next.who.join(lang === "zh" ? "、" : ", ") })} {status !== "run" && <Chip status={status}>{t(`status.${status}`)}</Chip>}
        </p>
        <p className="what">{lang === "zh" ? c.next.what_zh : c.next.what_en}</p>
        {due !== null && (
          <p className="when">
            {t(late ? "next.over" : "next.before", { at: momentText(due, now) })}
            {clock?.provisional && ` ${t("clock.provisional")}`}
          </p>
        )}
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
