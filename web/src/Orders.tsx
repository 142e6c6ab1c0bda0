/**
 * The order lanes: a row a unit with its steps 派出–签收–到场–完成, the duty phone of the unit, the
 * acts on that order, and the rule if the system added the unit. A unit that did not acknowledge stays
 * called and is shown so.
 */
import type { Case, Order } from "./api";
import { ActButton, useActs } from "./Acts";
import { dueStatus, leftText, spanText } from "./clock";
import { unitName, useWords } from "./i18n";
import { actsOf } from "./may";
import { instant, momentText, useSecond } from "./time";

/** How one step of a lane is drawn. */
type Dot = "done" | "run" | "wait" | "soon" | "late" | "idle" | "fin" | "cc";

/** One step of a lane. */
interface StepView {
  dot: Dot;
  text?: string | null;
  /** A second line: how, how far, how late. */
  more?: string;
}

/** All orders of `c`, the unit that was added below the one it was added for. */
export function Orders({ c }: { c: Case }) {
  const { t } = useWords();
  return (
    <section className="card orders" aria-labelledby="orders-title">
      <h2 id="orders-title">{t("orders.title")}</h2>
      {c.orders.length === 0 ? (
        <p className="hint">{t("orders.none")}</p>
      ) : (
        <div role="table" aria-labelledby="orders-title" className="lanes">
          <div role="row" className="lane lane-head">
            {(["unit", "sent", "acknowledged", "arrived", "done"] as const).map((k) => (
              <span role="columnheader" key={k}>
                {t(`orders.${k}`)}
              </span>
            ))}
          </div>
          {arranged(c.orders).map((o) => <Lane key={o.id} o={o} c={c} />)}
        </div>
      )}
    </section>
  );
}

/** Orders in the server's order, each followed by those that came because of it. */
export function arranged(orders: Order[]): Order[] {
  const ids = new Set(orders.map((o) => o.id));
  const out: Order[] = [];
  const put = (o: Order): void => {
    if (out.includes(o)) return;
    out.push(o);
    for (const next of orders) if (next.because?.order === o.id) put(next);
  };
  for (const o of orders) if (!o.because || !ids.has(o.because.order)) put(o);
  for (const o of orders) put(o);
  return out;
}

/** The link that dials `phone`: separators are for the eye, a telephone takes the digits. */
export function dial(phone: string): string {
  return `tel:${phone.replace(/[^0-9+]/g, "")}`;
}

function Lane({ o, c }: { o: Order; c: Case }) {
  const { lang, t } = useWords();
  const now = useSecond();
  const acts = useActs();
  const mine = actsOf(c.may, o.id);
  const cc = o.part === "cc";
  const down = o.stage === "stood_down";
  const at = (text: string | null): string | null => (text === null ? null : momentText(instant(text), now));

  let ack: StepView = { dot: "idle" };
  if (o.acknowledged_at !== null) {
    const how = [o.acknowledged_how === "telephone" ? t("orders.phone") : "", o.late ? t("orders.lateDone") : ""].filter(Boolean).join(" · ");
    ack = { dot: "done", text: at(o.acknowledged_at), more: how };
  } else if (cc) {
    ack = { dot: "cc", text: t("orders.read") };
  } else if (!down) {
    const due = o.acknowledge_due === null ? null : instant(o.acknowledge_due);
    const state = due === null ? "run" : o.late ? "late" : dueStatus(instant(o.sent_at), due, now);
    if (due === null) ack = { dot: "wait", text: t("orders.waiting") };
    else if (state === "late") ack = { dot: "late", text: t("orders.late"), more: `+${spanText(Math.max(0, now - due), lang)}` };
    else ack = { dot: state === "soon" ? "soon" : "wait", text: t("orders.left", { left: leftText(due, now, lang) }) };
  }
  let arrived: StepView = { dot: "idle" };
  if (o.arrived_at !== null) arrived = { dot: "done", text: at(o.arrived_at), more: o.arrived_metres === null ? "" : t("orders.metres", { n: Math.round(o.arrived_metres) }) };
  else if (o.stage === "acknowledged" && !cc) arrived = { dot: "run", text: t("orders.onTheWay") };
  let done: StepView = { dot: "idle" };
  if (o.fed_back_at !== null) done = { dot: "fin", text: at(o.fed_back_at) };
  else if (o.stage === "arrived") done = { dot: "run", text: t("orders.onTheSpot") };

  return (
    <div className={`lane-group${down ? " down" : ""}${o.because ? " added" : ""}`} role="rowgroup">
      <div role="row" className="lane">
        <span role="rowheader" className="unit">
          <b>{unitName(lang, o.unit)}</b>
          {o.phone && (
            <a className="phone" href={dial(o.phone)} aria-label={t("orders.call", { unit: unitName(lang, o.unit), phone: o.phone })}>
              {o.phone}
            </a>
          )}
          <span className="hint">
            {t(`part.${o.part}`)}
            {down && ` · ${t("orders.stoodDown")}`}
          </span>
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
              {o.because && <span>{t("orders.auto", { rule: lang === "zh" ? o.because.rule_zh : o.because.rule_en })}</span>}
              {o.result && <span>{t("orders.result", { text: o.result })}</span>}
              {mine.map((act) => <ActButton key={act} act={act} order={o.id} />)}
            </div>
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
