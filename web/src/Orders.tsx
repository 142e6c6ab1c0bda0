/**
 * The order lanes: a row a unit with its steps 派出–签收–到场–完成, the duty phone of the unit, the
 * acts on that order, and the rule if the system added the unit. Orders beneath another stand below
 * it; those of earlier rounds are history, behind a fold. A unit that did not acknowledge stays called
 * and is shown so; one that was withdrawn is struck through, and says so.
 */
import type { Case, ClockKind, Order, Stage } from "./api";
import { ActButton, useActs } from "./Acts";
import { dueStatus, leftText, spanText } from "./clock";
import { unitName, useWords } from "./i18n";
import { type Act, actsOf, TURN_ACTS } from "./may";
import { instant, momentText, useSecond } from "./time";

/** How one step of a lane is drawn. */
type Dot = "hold" | "done" | "run" | "wait" | "soon" | "late" | "idle" | "fin" | "cc";

/** One step of a lane. */
interface StepView {
  dot: Dot;
  text?: string | null;
  /** A second line: how, how far, how late. */
  more?: string;
}

/** All orders of `c`: those of the last round, then the earlier rounds behind a fold. */
export function Orders({ c }: { c: Case }) {
  const { t } = useWords();
  const { now, before } = byRound(c);
  return (
    <section className="card orders" aria-labelledby="orders-title">
      <h2 id="orders-title">{t("orders.title")}</h2>
      {now.length === 0 ? <p className="hint">{t("orders.none")}</p> : <Lanes c={c} orders={now} label={t("orders.title")} />}
      {before.length > 0 && (
        <details>
          <summary>{t("orders.before", { n: before.length })}</summary>
          {before.map((round, i) => <Lanes key={round[0]?.id} c={c} orders={round} label={t("orders.round", { n: before.length - i })} named />)}
        </details>
      )}
    </section>
  );
}

function Lanes({ c, orders, label, named = false }: { c: Case; orders: Order[]; label: string; named?: boolean }) {
  const { t } = useWords();
  return (
    <>
      {named && <p className="hint round">{label}</p>}
      <div role="table" aria-label={label} className="lanes">
        <div role="row" className="lane lane-head">
          {(["unit", "sent", "acknowledged", "arrived", "done"] as const).map((k) => (
            <span role="columnheader" key={k}>
              {t(`orders.${k}`)}
            </span>
          ))}
        </div>
        {arranged(orders).map(({ o, depth }) => <Lane key={o.id} o={o} depth={depth} c={c} />)}
      </div>
    </>
  );
}

/** Stages before the dispatch: whatever orders there are belong to an earlier round. */
const UNSENT: readonly Stage[] = ["reported", "returned", "accepted", "filed"];

/** The orders of the round that runs, and those of each earlier one, the latest first. */
export function byRound(c: Pick<Case, "orders" | "stage">): { now: Order[]; before: Order[][] } {
  const numbers = [...new Set(c.orders.map((o) => o.round))].sort((a, b) => b - a);
  const rounds = numbers.map((n) => c.orders.filter((o) => o.round === n));
  if (UNSENT.includes(c.stage)) return { now: [], before: rounds };
  const [now = [], ...before] = rounds;
  return { now, before };
}

/** Orders in the server's order, each followed by those that lie beneath it or came because of it, with how deep they lie. */
export function arranged(orders: Order[]): { o: Order; depth: number }[] {
  const ids = new Set(orders.map((o) => o.id));
  const above = (o: Order): string | null => [o.because?.order, o.parent].find((id) => id != null && ids.has(id)) ?? null;
  const out: { o: Order; depth: number }[] = [];
  const put = (o: Order, depth: number): void => {
    if (out.some((x) => x.o === o)) return;
    out.push({ o, depth });
    for (const next of orders) if (above(next) === o.id) put(next, depth + 1);
  };
  for (const o of orders) if (above(o) === null) put(o, 0);
  for (const o of orders) put(o, 0); // a circle has no top; none may be lost
  return out;
}

/** The link that dials `phone`: separators are for the eye, a telephone takes the digits. */
export function dial(phone: string): string {
  return `tel:${phone.replace(/[^0-9+]/g, "")}`;
}

/** Acts that are done from the list of requests, where what was asked stands. */
const DECIDED_THERE: readonly Act[] = ["decide-objection", "decide-extension"];

function Lane({ o, c, depth }: { o: Order; c: Case; depth: number }) {
  const { lang, t } = useWords();
  const now = useSecond();
  const acts = useActs();
  const mine = actsOf(c.may, o.id).filter((act) => !DECIDED_THERE.includes(act));
  const turns = mine.filter((act) => (TURN_ACTS as readonly Act[]).includes(act));
  const steps = mine.filter((act) => !turns.includes(act));
  const cc = o.part === "cc";
  const down = o.stage === "stood_down" || o.stage === "withdrawn";
  const parent = c.orders.find((x) => x.id === o.parent);
  const words = [
    t(`part.${o.part}`),
    parent && t("orders.beneath", { unit: unitName(lang, parent.unit) }),
    o.designated && t("orders.designated"),
    o.stage === "stood_down" && t("orders.stoodDown"),
    o.stage === "withdrawn" && t("orders.withdrawn"),
  ].filter(Boolean);
  const paused = (kind: ClockKind): boolean => c.clocks.some((k) => k.order === o.id && k.kind === kind && k.state === "paused");
  const at = (text: string | null): string | null => (text === null ? null : momentText(instant(text), now));

  let ack: StepView = { dot: "idle" };
  if (o.acknowledged_at !== null) {
    const how = [o.acknowledged_how === "telephone" ? t("orders.phone") : "", o.late ? t("orders.lateDone") : ""].filter(Boolean).join(" · ");
    ack = { dot: "done", text: at(o.acknowledged_at), more: how };
  } else if (cc) {
    ack = { dot: "cc", text: t("orders.read") };
  } else if (paused("acknowledge")) {
    ack = { dot: "hold", text: t("status.paused") };
  } else if (!down) {
    const due = o.acknowledge_due === null ? null : instant(o.acknowledge_due);
    const state = due === null ? "run" : o.late ? "late" : dueStatus(instant(o.sent_at), due, now);
    if (due === null) ack = { dot: "wait", text: t("orders.waiting") };
    else if (state === "late") ack = { dot: "late", text: t("orders.late"), more: `+${spanText(Math.max(0, now - due), lang)}` };
    else ack = { dot: state === "soon" ? "soon" : "wait", text: t("orders.left", { left: leftText(due, now, lang) }) };
  }
  let arrived: StepView = { dot: "idle" };
  if (o.arrived_at !== null) arrived = { dot: "done", text: at(o.arrived_at), more: o.arrived_metres === null ? "" : t("orders.metres", { n: Math.round(o.arrived_metres) }) };
  else if (o.stage === "acknowledged" && paused("arrive")) arrived = { dot: "hold", text: t("status.paused") };
  else if (o.stage === "acknowledged" && !cc) arrived = { dot: "run", text: t("orders.onTheWay") };
  let done: StepView = { dot: "idle" };
  if (o.fed_back_at !== null) done = { dot: "fin", text: at(o.fed_back_at) };
  else if (o.stage === "arrived") done = { dot: "run", text: t("orders.onTheSpot") };

  return (
    <div className={["lane-group", down && "down", o.stage === "withdrawn" && "withdrawn", depth > 0 && (o.because?.order ? "added" : "nested"), `deep-${Math.min(depth, 4)}`].filter(Boolean).join(" ")} role="rowgroup">
      <div role="row" className="lane">
        <span role="rowheader" className="unit">
          {o.stage === "withdrawn" ? <s>{unitName(lang, o.unit)}</s> : <b>{unitName(lang, o.unit)}</b>}
          {o.phone && (
            <a className="phone" href={dial(o.phone)} aria-label={t("orders.call", { unit: unitName(lang, o.unit), phone: o.phone })}>
              {o.phone}
            </a>
          )}
          <span className="hint">{words.join(" · ")}</span>
        </span>
        <Step dot={cc ? "cc" : "done"} text={at(o.sent_at)} name={t("orders.sent")} />
        <Step {...ack} name={t("orders.acknowledged")} />
        {cc ? <span role="cell" className="step none" /> : <Step {...arrived} name={t("orders.arrived")} />}
        {cc ? <span role="cell" className="step none" /> : <Step {...done} name={t("orders.done")} />}
      </div>
      {(o.because || o.result || mine.length > 0) && (
        <div role="row" className="lane-foot">
          <div role="cell">
            <div className="buttons">
              {o.because && <span>{t(o.because.order ? "orders.auto" : "orders.why", { rule: lang === "zh" ? o.because.rule_zh : o.because.rule_en })}</span>}
              {o.result && <span>{t("orders.result", { text: o.result })}</span>}
              {steps.map((act) => <ActButton key={act} act={act} order={o.id} />)}
            </div>
            {turns.length > 0 && (
              <details className="rare">
                <summary>{t("orders.turns", { n: turns.length })}</summary>
                <div className="buttons">{turns.map((act) => <ActButton key={act} act={act} order={o.id} />)}</div>
              </details>
            )}
            {acts.form(o.id)}
          </div>
        </div>
      )}
    </div>
  );
}

function Step({ dot, text, more, name }: StepView & { name: string }) {
  const { t } = useWords();
  return (
    <span role="cell" className={`step d-${dot}`}>
      <span className="step-name" aria-hidden="true">{name}</span>
      <i aria-hidden="true" />
      <span className="step-text">{text || <span className="sr">{t("orders.notYet")}</span>}</span>
      {more && <span className="step-text">{more}</span>}
    </span>
  );
}
