/**
 * The clocks of a case: label, bar, text; those that run first, those that stopped behind a fold.
 * A clock is announced only when it turns yellow or red, shows a card, or stops, never each second.
 */
import { useEffect, useRef, useState } from "react";
import type { Case, Clock, LimitKind } from "./api";
import { type ClockView, clockWords, limitText, viewClock } from "./clock";
import { unitName, useWords } from "./i18n";
import { Glyph } from "./status";
import { instant, momentText, useSecond } from "./time";

const KINDS: LimitKind[] = ["accept", "dispatch", "acknowledge", "arrive", "handle", "verify"];

interface Line {
  key: string;
  clock: Clock;
  name: string;
  view: ClockView;
}

/** All clocks of `c`. */
export function Clocks({ c }: { c: Case }) {
  const { lang, t } = useWords();
  const now = useSecond();
  const between = lang === "zh" ? "·" : " · ";
  // what waits for a decision has its time beside it, in the list of requests
  const shown = c.clocks.filter((k) => k.kind !== "decide" || k.stopped_at !== null);
  const lines: Line[] = shown.map((clock, i) => ({
    key: `${clock.kind} ${clock.order ?? ""} ${clock.started_at} ${i}`,
    clock,
    name: t(`clock.${clock.kind}`) + (clock.unit ? between + unitName(lang, clock.unit) : ""),
    view: viewClock(clock, now, lang),
  }));
  const running = lines.filter((l) => l.clock.stopped_at === null && l.clock.state !== "ended");
  running.sort((a, b) => instant(a.clock.due_at) - instant(b.clock.due_at));
  const stopped = lines.filter((l) => !running.includes(l));
  const toCome = c.open ? KINDS.filter((k) => c.limits?.[k] && !c.clocks.some((x) => x.kind === k)) : [];
  return (
    <section className="card clocks" aria-labelledby="clocks-title">
      <h2 id="clocks-title">{t("clocks.title")}</h2>
      <Announcer lines={lines} />
      {lines.length + toCome.length === 0 && <p className="hint">{t("clocks.none")}</p>}
      <ul>
        {running.map((l) => <Bar key={l.key} line={l} now={now} />)}
        {toCome.map((k) => (
          <li className="clock" key={k}>
            <span className="label">{t(`clock.${k}`)}</span>
            <span className="bar b-idle" />
            <span className="text">
              {t("clock.waiting", { limit: limitText(c.limits?.[k] ?? "", lang) })} <Glyph status="idle" size={12} />
            </span>
          </li>
        ))}
      </ul>
      {stopped.length > 0 && (
        <details open={running.length === 0}>
          <summary>{t("clocks.done", { n: stopped.length })}</summary>
          <ul>{stopped.map((l) => <Bar key={l.key} line={l} now={now} />)}</ul>
        </details>
      )}
    </section>
  );
}

function Bar({ line, now }: { line: Line; now: number }) {
  const { lang, t } = useWords();
  const { view, clock } = line;
  const words = clockWords(view);
  return (
    <li className="clock" title={t("next.before", { at: momentText(instant(clock.due_at), now) })}>
      <span className="label">
        {line.name}
        {words.length > 0 && <span className={`rung s-${view.status}`}>{words.map((w) => t(w)).join(lang === "zh" ? "·" : " · ")}</span>}
        {clock.provisional && <span className="tag outline">{t("clock.provisional")}</span>}
      </span>
      <span className={`bar b-${view.status}`}>
        <i style={{ width: `${(view.share * 100).toFixed(1)}%` }} />
      </span>
      <span className={`text s-${view.status}`}>
        {view.text} <Glyph status={view.status} size={12} {...(words.includes(view.word) ? {} : { name: t(view.word) })} />
        {view.doneLate && <Glyph status="late" size={10} />}
      </span>
      {clock.provisional && <span className="hint why">{t("clock.provisionalWhy")}</span>}
    </li>
  );
}

/** What of a clock is announced when it changes. */
const told = (l: Line): string => `${l.view.word} ${l.view.rung}`;

function Announcer({ lines }: { lines: Line[] }) {
  const { t } = useWords();
  const before = useRef<Map<string, string> | null>(null);
  const [words, setWords] = useState("");
  const states = lines.map((l) => `${l.key}=${told(l)}`).join("|");
  useEffect(() => {
    const now = new Map(lines.map((l) => [l.key, told(l)]));
    const news: string[] = [];
    for (const l of lines) {
      const was = before.current?.get(l.key);
      if (was !== undefined && was !== told(l)) news.push(t("clock.announce", { name: l.name, word: t(l.view.rung ?? l.view.word) }));
    }
    before.current = now;
    if (news.length > 0) setWords(news.join("; "));
    // `states` stands for all that matters of `lines`, which is new each second
  }, [states]);
  return (
    <p className="sr" role="status">
      {words}
    </p>
  );
}
