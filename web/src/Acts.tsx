/**
 * The acts that the server allows this viewer, as buttons, and the one inline form that is open.
 * One filled button a view: the form's if one is open, else the next act. Nothing is offered that
 * `may` does not name, and nothing can be sent while the line is lost.
 */
import { createContext, type ReactNode, useContext, useEffect, useRef, useState } from "react";
import { ActForm } from "./ActForm";
import type { Case, Request } from "./api";
import { useClasses } from "./fields";
import { LOCATED } from "./forms";
import { type Key, useWords } from "./i18n";
import { type Act, type Chosen, decided, GRAVE, grouped, nextAct, offered } from "./may";
import { useModel } from "./model";
import { type Fields, type Submit, useSubmit } from "./useSubmit";

interface ActsState {
  chosen: Chosen | null;
  next: Chosen | null;
  locked: boolean;
  submit: Submit;
  choose(c: Chosen | null): void;
  press(c: Chosen): Promise<void>;
  /** True if the act is sent at the first press. */
  direct(act: Act): boolean;
  /** The open form if it belongs there: to the case (null), to an order, or to a request that it decides. */
  form(place: string | null | Request): ReactNode;
}

const Context = createContext<ActsState | null>(null);

/** Acts that need no word: sent at the first press. Filing does where the class has conditions to choose from. */
const DIRECT: readonly Act[] = ["file", "acknowledge", "arrive"];

/** Gives the acts of `c` to everything below. */
export function ActsProvider({ c, children }: { c: Case; children: ReactNode }) {
  const { t } = useWords();
  const locked = useModel((s) => s.line.state === "lost");
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const [said, setSaid] = useState("");
  const [locating, setLocating] = useState(false);
  const classes = useClasses(c.class !== null && c.may.includes("file"));
  // one look for the place a form: a repeat sends what the first try sent
  const where = useRef<Promise<Place | null> | null>(null);
  const sending = useSubmit(c.id, (done) => {
    setChosen(null);
    setSaid(t("acts.done", { act: t(`act.${done.act}`) }));
  });
  const submit = { ...sending, busy: sending.busy || locating };

  function direct(act: Act): boolean {
    if (act === "file" && classes?.find((k) => k.code === c.class?.code)?.conditions.length !== 0) return false;
    return DIRECT.includes(act);
  }

  async function send(what: Chosen, fields: Fields): Promise<boolean> {
    setSaid("");
    setLocating(where.current !== null);
    const position = await where.current;
    setLocating(false);
    return await sending.send(what, position ? { ...fields, position } : fields);
  }

  function choose(what: Chosen | null): void {
    sending.clear();
    setSaid("");
    setChosen(what);
  }

  async function press(what: Chosen): Promise<void> {
    choose(what);
    where.current = LOCATED.includes(what.act) ? whereAmI() : null;
    if (direct(what.act)) await send(what, {});
  }

  // a step that somebody else took meanwhile, or a busy repeat that went through, closes its form
  const still = chosen !== null && offered(c, chosen);
  const over = chosen !== null && !still && !submit.busy && submit.problem === null;
  useEffect(() => {
    if (over) setChosen(null);
  }, [over]);

  const form = (place: string | null | Request): ReactNode => {
    if (!chosen) return null;
    const here = decided(c, chosen) ?? chosen.order;
    return here === place && (
      <ActForm key={`${chosen.act} ${chosen.order}`} c={c} chosen={chosen} direct={direct(chosen.act)} locked={locked} submit={submit} send={send} cancel={() => choose(null)} />
    );
  };
  return (
    <Context value={{ chosen, next: nextAct(c), locked, submit, choose, press, direct, form }}>
      {children}
      <p className="sr" role="status">
        {said}
      </p>
    </Context>
  );
}

/** The acts of the case around. */
export function useActs(): ActsState {
  const acts = useContext(Context);
  if (!acts) throw new Error("useActs needs an ActsProvider above");
  return acts;
}

/** The button of one act; `label` where it has another word than the act itself. */
export function ActButton({ act, order, label }: { act: Act; order: string | null; label?: Key | undefined }) {
  const { t } = useWords();
  const { chosen, next, locked, submit, choose, press, direct } = useActs();
  const open = chosen?.act === act && chosen.order === order;
  const filled = chosen === null && next?.act === act && next.order === order;
  const look = filled ? "btn primary" : GRAVE.includes(act) && !label ? "btn grave" : "btn";
  return (
    <button type="button" className={look} aria-expanded={direct(act) ? undefined : open} disabled={locked || submit.busy} onClick={() => (open ? choose(null) : void press({ act, order }))}>
      {t(label ?? `act.${act}`)}
    </button>
  );
}

/** The bar of the acts on the case itself, with the open form below. What is rarely wanted stands behind one more press. */
export function Acts({ c }: { c: Case }) {
  const { t } = useWords();
  const { locked, form } = useActs();
  const { usual, rare } = grouped(c);
  if (c.may.length === 0) return c.open ? <p className="acts hint">{t("acts.none")}</p> : null;
  if (usual.length + rare.length === 0 && !locked) return null;
  return (
    <section className="acts" aria-label={t("acts.title")}>
      {(usual.length > 0 || locked) && (
        <div className="buttons">
          {usual.map((act) => <ActButton key={act} act={act} order={null} label={act === "dispatch" && c.stage === "dispatched" ? "act.nest" : undefined} />)}
          {locked && <span className="hint">{t("line.locked")}</span>}
        </div>
      )}
      {rare.length > 0 && (
        <details className="rare">
          <summary>{t("acts.rare", { n: rare.length })}</summary>
          <div className="buttons">{rare.map((act) => <ActButton key={act} act={act} order={null} />)}</div>
        </details>
      )}
      {form(null)}
    </section>
  );
}

/** A position as the API takes it. */
type Place = { lon: number; lat: number; accuracy_m: number };

/** Where this device is, if it will say so within 4 seconds; arriving does not depend on it. */
function whereAmI(): Promise<Place | null> {
  return new Promise((tell) => {
    if (!("geolocation" in navigator)) return tell(null);
    const late = setTimeout(() => tell(null), 4000);
    const end = (p: Place | null): void => {
      clearTimeout(late);
      tell(p);
    };
    navigator.geolocation.getCurrentPosition(
      (p) => end({ lon: p.coords.longitude, lat: p.coords.latitude, accuracy_m: Math.round(p.coords.accuracy) }),
      () => end(null),
      { enableHighAccuracy: true, timeout: 3800, maximumAge: 30_000 },
    );
  });
}
