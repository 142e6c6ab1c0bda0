/**
 * Dispatching: shows what the plan proposes and what would be sent, before anything is sent; without
 * a fitting plan, and beneath an order, units are chosen by hand. The server decides at the moment of sending.
 */
import { type FormEvent, useEffect, useState } from "react";
import { ActEnd, type FormProps, useDraft } from "./ActForm";
import type { Problem, Proposal } from "./api";
import { limitText } from "./clock";
import { FieldView, findUnit, useUnits } from "./fields";
import { unitName, useWords } from "./i18n";
import { model } from "./model";
import { ProblemBox, Waiting } from "./Wait";

/** The form of `dispatch`. */
export function DispatchForm(props: FormProps) {
  const { t } = useWords();
  const { c } = props;
  const [plan, setPlan] = useState<Proposal | "none" | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [tries, setTries] = useState(0);
  // a case that is dispatched takes more orders beneath one: no plan is for that
  const beneath = c.stage === "dispatched";
  useEffect(() => {
    if (beneath) return;
    let current = true;
    model.http
      .read<Proposal>(`/cases/${c.id}/plan`)
      .then((p) => current && setPlan(p))
      .catch((e: unknown) => {
        if (!current) return;
        const p = model.failed(e);
        // no plan for this class is an answer, not a fault
        if (["not_found", "invalid", "wrong_state"].includes(p.code)) setPlan("none");
        else setProblem(p);
      });
    return () => {
      current = false;
    };
    // the proposal follows the case: another version may find other units free
  }, [c.id, c.version, tries, beneath]);

  if (beneath) return <ByHand {...props} beneath />;
  if (problem && !plan) return <ProblemBox problem={problem} again={() => { setProblem(null); setTries(tries + 1); }} />;
  if (!plan) {
    return (
      <div className="act-form">
        <span className="sr" role="status">{t("plan.loading")}</span>
        <Waiting rows={3} />
      </div>
    );
  }
  return plan === "none" ? <ByHand {...props} /> : <ByPlan {...props} plan={plan} byHand={() => setPlan("none")} />;
}

function ByPlan({ plan, byHand, ...props }: FormProps & { plan: Proposal; byHand(): void }) {
  const { lang, t } = useWords();
  const zh = lang === "zh";
  const able = plan.orders.filter((o) => o.unit !== null);
  const missing = [...new Set(plan.orders.filter((o) => o.unit === null).map((o) => (zh ? o.kind_zh : o.kind_en)))];
  async function onSubmit(e: FormEvent): Promise<void> {
    e.preventDefault();
    await props.send(props.chosen, { plan: plan.plan.code });
  }
  return (
    <form className="act-form" onSubmit={(e) => void onSubmit(e)} aria-label={t("act.dispatch")}>
      <h2>{t("plan.title", { name: zh ? plan.plan.name_zh : plan.plan.name_en })}</h2>
      <p className="hint">{t("plan.what", { n: able.length })}</p>
      <ul className="plan">
        {plan.orders.map((o) => (
          <li key={o.no} className={o.unit ? "" : "nobody"}>
            <span className="part">{t(`part.${o.part}`)}</span>
            <span className="who">
              <b>{o.unit ? unitName(lang, o.unit) : zh ? o.kind_zh : o.kind_en}</b>
              {!o.unit && ` ${t("plan.nobody")}`}
              {o.unit?.distance_m != null && <span className="far"> {distance(o.unit.distance_m)}</span>}
              {o.unit && !o.unit.on_duty && <span className="tag outline">{t("plan.offDuty")}</span>}
              {o.unit?.fallback && <span className="tag outline">{t("plan.fallback")}</span>}
            </span>
            <span className="task">{zh ? o.task_zh : o.task_en}</span>
            {o.part !== "cc" && <span className="limit">{t("plan.limit", { limit: limitText(o.acknowledge_limit, lang) })}</span>}
          </li>
        ))}
      </ul>
      {missing.length > 0 && <p className="note">{t("plan.missing", { kinds: missing.join(zh ? "、" : ", ") })}</p>}
      <ActEnd {...props} label={t("plan.send", { n: able.length })} blocked={able.length === 0}>
        <button type="button" className="btn" onClick={byHand}>
          {t("plan.choose")}
        </button>
      </ActEnd>
    </form>
  );
}

function distance(metres: number): string {
  return metres < 1000 ? `${Math.round(metres)} m` : `${(metres / 1000).toFixed(1)} km`;
}

/** Units chosen by hand, for the case or `beneath` one of its orders. */
function ByHand({ beneath = false, ...props }: FormProps & { beneath?: boolean }) {
  const { t } = useWords();
  const { c, chosen } = props;
  const units = useUnits(true);
  const [draft, change] = useDraft(c, chosen, { rows: ["0"], part0: beneath ? "assist" : "lead" });
  const [wrong, setWrong] = useState<Record<string, string>>({});
  const rows = Array.isArray(draft["rows"]) ? draft["rows"] : ["0"];

  async function onSubmit(e: FormEvent): Promise<void> {
    e.preventDefault();
    const bad: Record<string, string> = {};
    const orders: { unit: string; part: string }[] = [];
    for (const r of rows) {
      const text = String(draft[`unit${r}`] ?? "").trim();
      if (!text) continue;
      const unit = findUnit(units, text);
      if (unit) orders.push({ unit: unit.id, part: String(draft[`part${r}`] ?? "assist") });
      else bad[r] = `${t("problem.unit_unknown")} ${t("way.unit_unknown")}`;
    }
    const first = rows[0];
    if (orders.length === 0 && Object.keys(bad).length === 0 && first !== undefined) bad[first] = t("plan.noUnits");
    const under = String(draft["under"] ?? "");
    if (beneath && !under) bad["under"] = t("form.required");
    setWrong(bad);
    if (Object.keys(bad).length === 0) await props.send(chosen, beneath ? { under, orders } : { orders });
  }

  return (
    <form className="act-form" onSubmit={(e) => void onSubmit(e)} noValidate aria-label={t("act.dispatch")}>
      <p className="hint">{t(beneath ? "plan.beneath" : "plan.none")}</p>
      {beneath && (
        <div className="fields">
          <FieldView spec={{ name: "under", kind: "order", label: "plan.under", required: true }} c={c} units={units} value={draft["under"] ?? ""} change={(v) => change({ under: v })} wrong={wrong["under"]} />
        </div>
      )}
      {rows.map((r) => (
        <div className="fields" key={r}>
          <FieldView spec={{ name: `unit${r}`, kind: "unit", label: "form.unit", required: true }} c={c} units={units} value={draft[`unit${r}`] ?? ""} change={(v) => change({ [`unit${r}`]: v })} wrong={wrong[r]} />
          <FieldView spec={{ name: `part${r}`, kind: "part", label: "form.part", lead: !beneath }} c={c} units={units} value={draft[`part${r}`] ?? "assist"} change={(v) => change({ [`part${r}`]: v })} wrong={undefined} />
          {rows.length > 1 && (
            <button type="button" className="btn quiet" onClick={() => change({ rows: rows.filter((x) => x !== r) })}>
              {t("plan.removeRow")}
            </button>
          )}
        </div>
      ))}
      <p>
        <button type="button" className="btn quiet" onClick={() => change({ rows: [...rows, String(Number(rows.at(-1) ?? 0) + 1)] })}>
          {t("plan.addRow")}
        </button>
      </p>
      <ActEnd {...props} label={t("plan.send", { n: rows.filter((r) => String(draft[`unit${r}`] ?? "").trim()).length })} />
    </form>
  );
}
