/**
 * The frame of the page: head, band of the line, alert rows, list and case. The address after `#`
 * says which case is open, so that it can be linked and the back button works.
 */
import { useEffect, useState } from "react";
import type { ClockStatus } from "./api";
import { CaseView } from "./CaseView";
import { hasKey, setLanguage, useWords } from "./i18n";
import { model, useModel } from "./model";
import { Queue } from "./Queue";
import { SignIn } from "./SignIn";
import { allowSound, MUTE_MS, soundAllowed } from "./sound";
import { clockTime, dayText, momentText, serverClock, useSecond } from "./time";
import { Waiting } from "./Wait";

/** The case id in an address such as `#/cases/0192…`, or null. */
export function caseInAddress(hash: string): string | null {
  return /^#\/cases\/([0-9a-fA-F-]{1,40})$/.exec(hash)?.[1]?.toLowerCase() ?? null;
}

/** The page. */
export function App() {
  const { lang, t } = useWords();
  const me = useModel((s) => s.me);
  const opened = useModel((s) => s.opened?.id ?? null);
  const title = useModel((s) => s.opened?.data ?? null);

  useEffect(() => {
    const follow = (): void => model.openCase(caseInAddress(location.hash));
    follow();
    window.addEventListener("hashchange", follow);
    return () => window.removeEventListener("hashchange", follow);
  }, []);

  useEffect(() => {
    const name = title ? (lang === "zh" ? title.title_zh : title.title_en) : null;
    document.title = name ? `${name} · ${t("app.name")}` : t("app.name");
  }, [title, lang, t]);

  return (
    <>
      {me && (
        <a className="skip" href="#main" onClick={(e) => { e.preventDefault(); document.getElementById("main")?.focus(); }}>
          {t("app.skip")}
        </a>
      )}
      <Head />
      {me === undefined && <main id="main"><Waiting /></main>}
      {me === null && <SignIn />}
      {me && (
        <>
          <div className="notices">
            <Band />
            <HeldClock />
            <Rings />
          </div>
          <div className={`split ${opened ? "has-case" : "no-case"}`}>
            <Queue />
            <main id="main" tabIndex={-1}>
              {opened ? <CaseView key={opened} /> : <p className="choose">{t("list.none")}</p>}
            </main>
          </div>
        </>
      )}
    </>
  );
}

function Head() {
  const { lang, t } = useWords();
  const me = useModel((s) => s.me);
  const line = useModel((s) => s.line.state);
  const post = me?.roles[0];
  const role = post && (lang === "zh" ? `${post.role_zh}·${post.unit.name}` : `${post.role_en} · ${post.unit.name}`);
  return (
    <header className="head">
      <img src="/icon.svg" width="22" height="22" alt="" />
      <span className="brand">{t("app.name")}</span>
      <span className="grow" />
      {me && (
        <>
          <span className={`line l-${line}`}>{t(line === "lost" ? "app.cut" : line === "connecting" ? "app.connecting" : "app.live")}</span>
          <Now />
          <SoundSwitch />
          <span className="who" title={role}>
            <span className="sr">{t("app.me")} </span>
            <b>{me.name}</b>
            <span className="role">{role}</span>
          </span>
        </>
      )}
      <button type="button" className="btn quiet" lang={lang === "zh" ? "en" : "zh-CN"} aria-label={t("app.languageLabel")} onClick={() => setLanguage(lang === "zh" ? "en" : "zh")}>
        {t("app.language")}
      </button>
      {me && (
        <button type="button" className="btn quiet" onClick={() => void model.signOut()}>
          {t("app.signOut")}
        </button>
      )}
    </header>
  );
}

function Now() {
  const now = useSecond();
  return now > 0 ? <time className="now">{`${dayText(now, now)} ${clockTime(now)}`}</time> : null;
}

function SoundSwitch() {
  const { t } = useWords();
  const until = useModel((s) => s.mutedUntil);
  const now = useSecond();
  const [allowed, setAllowed] = useState(soundAllowed());
  const muted = until > now;
  const click = async (): Promise<void> => {
    if (!allowed) setAllowed(await allowSound());
    else model.mute(muted ? 0 : serverClock.now() + MUTE_MS);
  };
  return (
    <button type="button" className="btn quiet sound" title={allowed ? `${t("sound.mute")} · ${t("sound.note")}` : undefined} aria-pressed={allowed && !muted} onClick={() => void click()}>
      {!allowed ? t("sound.ask") : muted ? t("sound.muted", { at: clockTime(until).slice(0, 5) }) : t("sound.on")}
    </button>
  );
}

function Band() {
  const { t } = useWords();
  const line = useModel((s) => s.line);
  if (line.state === "lost") {
    return (
      <p className="band cut" role="alert">
        {t("line.lost", { at: line.asOf > 0 ? clockTime(line.asOf) : "—" })}
      </p>
    );
  }
  return (
    <div role="status">
      {line.state === "back" && <p className="band back">{line.caughtUp > 0 ? t("line.back", { n: line.caughtUp }) : t("line.backNone")}</p>}
    </div>
  );
}

/** Says that nothing is called or escalated by itself, while the node's clock stands where somebody set it. */
function HeldClock() {
  const { t } = useWords();
  const [clock, setClock] = useState<ClockStatus | null>(null);
  useEffect(() => {
    const look = (): void => {
      // A line that is lost is said by the band above; the next look tells.
      model.http.read<ClockStatus>("/clock").then(setClock, () => undefined);
    };
    look();
    const timer = setInterval(look, 60_000);
    return () => clearInterval(timer);
  }, []);
  if (!clock?.held) return null;
  return (
    <p className="band cut" role="alert">
      {t("clock.held", { n: Math.round(Math.abs(clock.set_by_s) / 60) })}
    </p>
  );
}

function Rings() {
  const { lang, t } = useWords();
  const rings = useModel((s) => s.rings);
  const now = useSecond();
  return (
    <section aria-label={t("ring.region")}>
      <ul>
        {rings.map((r) => {
          const due = model.get().open.items?.find((i) => i.id === r.id)?.next_due;
          const title = (lang === "zh" ? r.title_zh : r.title_en) ?? t("ring.unknown");
          return (
            <li key={r.key} className={r.reason === "new_urgent" ? "ring urgent" : "ring"}>
              <span role="alert">{t(hasKey(`ring.${r.reason}`) ? `ring.${r.reason}` : "ring.overdue", { title })}</span>
              {due && <span className="due">{t("next.before", { at: momentText(Date.parse(due), now) })}</span>}
              <a className="btn" href={`#/cases/${r.id}`} onClick={() => model.known(r.id)}>
                {t("ring.open")}
              </a>
              <button type="button" className="btn" onClick={() => model.known(r.id)}>
                {t("ring.known")}
              </button>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
