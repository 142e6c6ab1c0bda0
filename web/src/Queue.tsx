/**
 * The list of cases: running, suspended or closed, newest first, page by page. Rows never jump under the
 * pointer: while it is over the list, new rows wait behind a button. Who reported is never in a row.
 */
import { memo, useState } from "react";
import type { Summary } from "./api";
import { leftText } from "./clock";
import { useWords } from "./i18n";
import { model, TABS, useModel } from "./model";
import { caseStatus, Glyph, statusWord, SupervisionTag, UrgentTag } from "./status";
import { instant, momentText, useSecond } from "./time";
import { ProblemBox, Waiting } from "./Wait";

/** The list with its tabs. */
export function Queue() {
  const { t } = useWords();
  const tab = useModel((s) => s.tab);
  const list = useModel((s) => s[s.tab]);
  const opened = useModel((s) => s.opened?.id ?? null);
  const [held, setHeld] = useState<Set<string> | null>(null);
  const hold = (on: boolean): void => setHeld(on && list.items ? new Set(list.items.map((i) => i.id)) : null);

  const Heading = opened ? "h2" : "h1";

  // new cases come at the top; while the pointer rests here they wait behind the button
  const first = held ? (list.items?.findIndex((i) => held.has(i.id)) ?? 0) : 0;
  const waiting = Math.max(0, first);
  const rows = list.items?.slice(waiting);

  return (
    <nav className="queue" aria-label={t("list.region")} onPointerEnter={(e) => hold(e.pointerType === "mouse")} onPointerLeave={() => hold(false)}>
      <div className="queue-head">
        <Heading className="heading">{t("list.title")}</Heading>
        <div className="tabs">
          {TABS.map((name) => (
            <button key={name} type="button" aria-pressed={tab === name} onClick={() => model.showTab(name)}>
              {t(`list.${name}`)}
            </button>
          ))}
        </div>
        <span className="count">{list.items && t(list.more ? "list.shown" : "list.all", { n: list.items.length })}</span>
      </div>
      {waiting > 0 && (
        <button type="button" className="new-rows" onClick={() => hold(true)}>
          {t("list.new", { n: waiting })}
        </button>
      )}
      {list.problem && <ProblemBox problem={list.problem} again={() => void model.loadList(tab)} />}
      {!rows && !list.problem && <Waiting rows={8} />}
      {rows?.length === 0 && <p className="empty">{t(`list.empty.${tab}`)}</p>}
      <ul className="rows">
        {rows?.map((c) => <Row key={c.id} c={c} selected={c.id === opened} />)}
      </ul>
      {list.more && (
        <button type="button" className="btn more" disabled={list.loading} onClick={() => model.more()}>
          {t(list.loading ? "list.loadingMore" : "list.more")}
        </button>
      )}
    </nav>
  );
}

const Row = memo(function Row({ c, selected }: { c: Summary; selected: boolean }) {
  const { lang, t, of } = useWords();
  const now = useSecond();
  const status = caseStatus(c, now);
  const place = [c.division.name, c.class ? (lang === "zh" ? c.class.name_zh : c.class.name_en) : t("noClass"), of("source", c.source)];
  const due = c.open && c.next_due ? instant(c.next_due) : null;
  return (
    <li>
      <a href={`#/cases/${c.id}`} aria-current={selected ? "page" : undefined} className={c.stage === "reported" ? "row fresh" : "row"}>
        <Glyph status={status} name={t(statusWord(c, status))} />
        <span className="first">
          <span className="name">{lang === "zh" ? c.title_zh : c.title_en}</span>
          {c.urgency === "high" && <UrgentTag />}
          {c.supervision && <SupervisionTag level={c.supervision} />}
          {c.confidential && <span className="tag outline">{t("confidential")}</span>}
          <span className={`left s-${status}`} title={due ? momentText(due, now) : undefined}>
            {due ? leftText(due, now, lang) : momentText(instant(c.updated_at), now)}
          </span>
        </span>
        <span className="second">
          <span className="place">{place.join(lang === "zh" ? "·" : " · ")}</span>
          <span className="stage">
            {c.waiting && c.stage === "dispatched" && c.waiting.acknowledged < c.waiting.called
              ? t("list.acknowledged", { a: c.waiting.acknowledged, c: c.waiting.called })
              : t(`stage.${c.stage}`)}
          </span>
        </span>
      </a>
    </li>
  );
});
