/**
 * The order lanes: a row a unit with its steps 派出–签收–到场–完成, the acts on that order, and the
 * rule if the system added the unit. A unit that did not acknowledge stays called and is shown so.
 */
import type { Case, Order } from "./api";
import { ActButton, useActs } from "./Acts";
import { dueStatus, leftText, spanText } from "./clock";
import { useWords } from "./i18n";
import { actsOf } from "./may";
import { instant, momentText, useSecond } from "./time";

/** How one step of a lane is drawn. */
type Dot = "done" | "run" | "wait" | "soon" | "late" | "idle" | "fin" | "cc";

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

function Lane({ o, c }: { o: Order; c: Case }) {
  const { lang, t } = useWords();
  const now = useSecond();
  const mine = actsOf(c.may, o.id);
  const acts = useActs();
  const cc = o.part === "cc";
  const down = o.stage === "stood_down";
  const at = (text: string | null): string | null => (text === null ? null : momentText(instant(text), now));

  let ack: { dot: Dot; text: string } = { dot: "idle", text: "" };
  if (o.acknowledged_at !== null) {
    const how = [o.acknowledged_how === "telephone" ? t("orders.phone") : "", o.late ? t("orders.lateDone") : ""].filter(Boolean).join(" · ");
    ack = { dot: "done", text: `${at(o.acknowledged_at)}${how ? ` ${how}` : ""}` };
  } else if (cc) {
    ack = { dot: "cc", text: t("orders.read") };
  } else if (!down) {
    const due = o.acknowledge_due === null ? null : instant(o.acknowledge_due);
    const state = due === null ? "run" : o.late ? "late" : dueStatus(instant(o.sent_at), due, now);
    if (due === null) ack = { dot: "wait", text: t("orders.waiting") };
    else if (state === "late") ack = { dot: "late", text: t("orders.late", { over: spanText(Math.max(0, now - due), lang) }) };
    else ack = { dot: state === "soon" ? "soon" : "wait", text: t("orders.left", { left: leftText(due, now, lang) }) };
  }
  const arrived: { dot: Dot; text: string } = o.arrived_at !== null
    ? { dot: "done", text: at(o.arrived_at) + (o.arrived_metres === null ? "" : ` ${t("orders.metres", { n: Math.round(o.arrived_metres) })}`) }
    : o.stage === "acknowledged" && !cc ? { dot: "run", text: t("orders.onTheWay") } : { dot: "idle", text: "" };
  const done: { dot: Dot; text: string } = o.fed_back_at !== null
    ? { dot: "fin", text: at(o.fed_back_at) ?? "" }
    : o.stage === "arrived" ? { dot: "run", text: t("orders.onTheSpot") } : { dot: "idle", text: "" };
  const legs = c.orders.some((x) => x.leg !== c.orders[0]?.leg);

  return (
    <div className={`lane-group${down ? " down" : ""}${o.because ? " added" : ""}`} role="rowgroup">
      <div role="row" className="lane">
        <span role="rowheader" className="unit">
          <b>{o.unit.name}</b>
          <span className="hint">
            {t(`part.${o.part}`)}
            {legs && ` · ${t("orders.leg", { n: o.leg })}`}
            {down && ` · ${t("orders.stoodDown")}`}
          </span>
        </span>
        <Step dot={cc ? "cc" : "done"} text={at(o.sent_at) ?? ""} name={t("orders.sent")} />
        <Step dot={ack.dot} text={ack.text} name={t("orders.acknowledged")} />
        {cc ? <span role="cell" className="step none" /> : <Step dot={arrived.dot} text={arrived.text} name={t("orders.arrived")} />}
        {cc ? <span role="cell" className="step none" /> : <Step dot={done.dot} text={done.text} name={t("orders.done")} />}
      </div>
      {(o.because || o.result) && (
        <div role="row" className="lane-note">
          <span role="cell">
            {o.because && t("orders.auto", { rule: lang === "zh" ? o.because.rule_zh : o.because.rule_en })}
            {o.because && o.result && " "}
            {o.result && t("orders.result", { text: o.result })}
          </span>
        </div>
      )}
      {mine.length > 0 && (
        <div role="row" className="lane-acts">
          <span role="cell" className="buttons">
            {mine.map((act) => <ActButton key={act} act={act} order={o.id} />)}
          </span>
          {acts.form(o.id)}
        </div>
      )}
    </div>
  );
}

function Step({ dot, text, name }: { dot: Dot; text: string; name: string }) {
  const { t } = useWords();
  return (
    <span role="cell" className={`step d-${dot}`}>
      <span className="step-name" aria-hidden="true">{name}</span>
      <i aria-hidden="true" />
      <span className="step-text">{text || <span className="sr">{t("orders.notYet")}</span>}</span>
    </span>
  );
}
