/**
 * What waits for a decision of the centre: what was asked, by whom, why, until when, and the act that
 * decides it with its form. Shown to everybody who sees the case; decided only where `may` says so.
 */
import type { Case, Request } from "./api";
import { ActButton, useActs } from "./Acts";
import { leftText, limitText, viewClock } from "./clock";
import { unitName, useWords } from "./i18n";
import { decision } from "./may";
import { Chip } from "./status";
import { instant, momentText, useSecond } from "./time";

/** All that waits for a decision in `c`; nothing when nothing waits. */
export function Requests({ c }: { c: Case }) {
  const { t } = useWords();
  if (c.requests.length === 0) return null;
  return (
    <section className="card requests" aria-labelledby="requests-title">
      <h2 id="requests-title">{t("requests.title", { n: c.requests.length })}</h2>
      <ul>
        {c.requests.map((r) => <Row key={`${r.kind} ${r.order}`} c={c} r={r} />)}
      </ul>
    </section>
  );
}

function Row({ c, r }: { c: Case; r: Request }) {
  const { lang, t } = useWords();
  const now = useSecond();
  const acts = useActs();
  const chosen = decision(c, r);
  const due = r.due_at === null ? null : instant(r.due_at);
  const clock = c.clocks.find((k) => k.kind === "decide" && k.order === r.order && k.due_at === r.due_at && k.stopped_at === null);
  const view = clock && viewClock(clock, now, lang);
  const status = view?.status ?? "run";
  return (
    <li>
      <p className="asked">
        <b>{t(`request.${r.kind}`)}</b>
        {r.limit && <span>{limitText(r.limit, lang)}</span>}
        <span className="hint">{t("request.by", { who: r.unit ? unitName(lang, r.unit) : t("request.officer"), at: momentText(instant(r.at), now) })}</span>
      </p>
      <p>{t("request.reason", { text: r.reason })}</p>
      {due !== null && (
        <p className={`hint s-${status}`}>
          {view && status !== "run" && <Chip status={status}>{[view.word, view.rung].flatMap((k) => (k ? t(k) : [])).join(lang === "zh" ? "·" : " · ")}</Chip>} {t("request.until", { at: momentText(due, now), left: leftText(due, now, lang) })}
        </p>
      )}
      {chosen && (
        <div className="buttons">
          <ActButton act={chosen.act} order={chosen.order} label={`decide.${r.kind}`} />
        </div>
      )}
      {acts.form(r)}
    </li>
  );
}
