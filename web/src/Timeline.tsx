/**
 * The timeline: time to the second, who, what; newest first. Automatic acts are shown as acts of the
 * system. Entries come from the journal and are never changed here.
 */
import type { Entry } from "./api";
import { unitName, useWords } from "./i18n";
import { clockTime, dayText, instant, sameDay, useSecond } from "./time";

/** The entries of the open case. */
export function Timeline({ entries }: { entries: Entry[] }) {
  const { lang, t } = useWords();
  const now = useSecond();
  const rows = [...entries].reverse();
  return (
    <section className="card timeline" aria-labelledby="timeline-title">
      <div className="card-head">
        <h2 id="timeline-title">{t("timeline.title")}</h2>
        <span className="hint">{t("timeline.count", { n: entries.length })}</span>
      </div>
      {rows.length === 0 && <p className="hint">{t("timeline.none")}</p>}
      <ol>
        {rows.map((e, i) => {
          const at = instant(e.at);
          const before = rows[i - 1];
          const newDay = before ? !sameDay(at, instant(before.at)) : !sameDay(at, now);
          return (
            <li key={e.version} className={e.actor.automatic ? "auto" : ""}>
              {newDay && <span className="day">{dayText(at, now)}</span>}
              <time dateTime={e.at}>{clockTime(at)}</time>
              <span className="what">
                <b>{who(e, lang, t("timeline.system"))}</b> {lang === "zh" ? e.text_zh : e.text_en}
              </span>
            </li>
          );
        })}
      </ol>
    </section>
  );
}

function who(e: Entry, lang: "zh" | "en", system: string): string {
  if (e.actor.automatic) return system;
  const role = lang === "zh" ? e.actor.role_zh : e.actor.role_en;
  const place = e.actor.unit && unitName(lang, e.actor.unit);
  return [place, e.actor.name ?? role].filter(Boolean).join(lang === "zh" ? "·" : " · ") || role;
}
