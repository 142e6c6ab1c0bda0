/**
 * The acts that the server allows this viewer, as buttons, and the one inline form that is open.
 * One filled button a view: the form's if one is open, else the next act. Nothing is offered that
 * `may` does not name, and nothing can be sent while the line is lost.
 */
import { createContext, type ReactNode, useContext, useEffect, useRef, useState } from "react";
import { ActForm } from "./ActForm";
import type { Case } from "./api";
import { useWords } from "./i18n";
import { type Act, actsOf, type Chosen, GRAVE, nextAct } from "./may";
import { useModel } from "./model";
import { type Fields, type Submit, useSubmit } from "./useSubmit";

interface ActsState {
  chosen: Chosen | null;
  next: Chosen | null;
  locked: boolean;
  submit: Submit;
  choose(c: Chosen | null): void;
  press(c: Chosen): Promise<void>;
  /** The open form if it belongs to this order (or to the case: null). */
  form(order: string | null): ReactNode;
}

const Context = createContext<ActsState | null>(null);

/** Acts that need no word: sent at the first press. */
const DIRECT: readonly Act[] = ["file", "acknowledge", "arrive"];

/** Gives the acts of `c` to everything below. */
export function ActsProvider({ c, children }: { c: Case; children: ReactNode }) {
  const { t } = useWords();
  const locked = useModel((s) => s.line.state === "lost");
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const [said, setSaid] = useState("");
  const [locating, setLocating] = useState(false);
  // a direct act is repeated with the very fields of its first try
  const first = useRef<Fields>({});
  const sending = useSubmit(c.id, (done) => {
    setChosen(null);
    setSaid(t("acts.done", { act: t(`act.${done.act}`) }));
  });
  const submit = { ...sending, busy: sending.busy || locating };

  function send(what: Chosen, fields: Fields): Promise<boolean> {
    setSaid("");
    return sending.send(what, DIRECT.includes(what.act) ? first.current : fields);
  }

  function choose(what: Chosen | null): void {
    sending.clear();
    setSaid("");
    setChosen(what);
  }

  async function press(what: Chosen): Promise<void> {
    choose(what);
    first.current = {};
    if (what.act === "arrive") {
      setLocating(true);
      const position = await whereAmI();
      setLocating(false);
      if (position) first.current = { position };
    }
    if (DIRECT.includes(what.act)) await send(what, {});
  }

  // a step that somebody else took meanwhile, or a busy repeat that went through, closes its form
  const still = chosen !== null && actsOf(c.may, chosen.order).includes(chosen.act);
  const over = chosen !== null && !still && !submit.busy && submit.problem === null;
  useEffect(() => {
    if (over) setChosen(null);
  }, [over]);

  const form = (order: string | null): ReactNode =>
    chosen && chosen.order === order && (
      <ActForm key={`${chosen.act} ${chosen.order}`} c={c} chosen={chosen} direct={DIRECT.includes(chosen.act)} locked={locked} submit={submit} send={send} cancel={() => choose(null)} />
    );
  return (
    <Context value={{ chosen, next: nextAct(c), locked, submit, choose, press, form }}>
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

/** The button of one act. */
export function ActButton({ act, order }: { act: Act; order: string | null }) {
  const { t } = useWords();
  const { chosen, next, locked, submit, choose, press } = useActs();
  const open = chosen?.act === act && chosen.order === order;
  const filled = chosen === null && next?.act === act && next.order === order;
  const look = filled ? "btn primary" : GRAVE.includes(act) ? "btn grave" : "btn";
  return (
    <button type="button" className={look} aria-expanded={DIRECT.includes(act) ? undefined : open} disabled={locked || submit.busy} onClick={() => (open ? choose(null) : void press({ act, order }))}>
      {t(`act.${act}`)}
    </button>
  );
}

/** The bar of the acts on the case itself, with the open form below. */
export function Acts({ c }: { c: Case }) {
  const { t } = useWords();
  const { locked, form } = useActs();
  const acts = actsOf(c.may, null);
  if (c.may.length === 0) return c.open ? <p className="acts hint">{t("acts.none")}</p> : null;
  if (acts.length === 0 && !locked) return null;
  return (
    <section className="acts" aria-label={t("acts.title")}>
      <div className="buttons">
        {acts.map((act) => <ActButton key={act} act={act} order={null} />)}
        {locked && <span className="hint">{t("line.locked")}</span>}
      </div>
      {form(null)}
    </section>
  );
}

/** Where this device is, if it will say so within 4 seconds; arriving does not depend on it. */
function whereAmI(): Promise<{ lon: number; lat: number; accuracy_m: number } | null> {
  return new Promise((tell) => {
    if (!("geolocation" in navigator)) return tell(null);
    const late = setTimeout(() => tell(null), 4000);
    const end = (p: { lon: number; lat: number; accuracy_m: number } | null): void => {
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
