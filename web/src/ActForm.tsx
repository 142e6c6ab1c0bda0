/**
 * The inline form of one act: its fields, what is missing, the problem in words, send and cancel.
 * What is typed is kept as a draft until it is sent. Which fields an act has is a table; only
 * dispatching has a form of its own (the plan).
 */
import { type FormEvent, type ReactNode, useEffect, useRef, useState } from "react";
import type { Case } from "./api";
import { DispatchForm } from "./DispatchForm";
import { FieldView, type FieldSpec, findUnit, useUnits } from "./fields";
import { unitName, useWords } from "./i18n";
import { type Act, type Chosen, GRAVE } from "./may";
import { type Draft, model } from "./model";
import { wordsFor } from "./problem";
import { fromField, momentText, instant, serverClock, toField } from "./time";
import { draftKey, type Fields, type Submit } from "./useSubmit";

/** What a form of an act gets. */
export interface FormProps {
  c: Case;
  chosen: Chosen;
  direct: boolean;
  locked: boolean;
  submit: Submit;
  send(chosen: Chosen, fields: Fields): Promise<boolean>;
  cancel(): void;
}

const reason: FieldSpec = { name: "reason", kind: "area", label: "form.reason", required: true };

/** The fields of each act; an act without a row has none. */
const FIELDS: Partial<Record<Act, FieldSpec[]>> = {
  accept: [
    { name: "class", kind: "class", label: "form.class" },
    { name: "severity", kind: "severity", label: "form.severity" },
    { name: "urgency", kind: "urgency", label: "form.urgency" },
  ],
  refuse: [reason],
  void: [reason],
  "return-for-info": [reason],
  "supply-info": [{ name: "text", kind: "area", label: "form.text", required: true }],
  "add-unit": [
    { name: "unit", kind: "unit", label: "form.unit", required: true },
    { name: "part", kind: "part", label: "form.part" },
    reason,
  ],
  verify: [
    { name: "passed", kind: "passed", label: "form.passed", required: true },
    { name: "note", kind: "area", label: "form.note" },
    { name: "orders", kind: "orders", label: "form.redo" },
  ],
  "acknowledge-for": [
    { name: "told_at", kind: "time", label: "form.told_at", required: true },
    { name: "whom", kind: "text", label: "form.whom", required: true },
    reason,
  ],
  "feed-back": [{ name: "result", kind: "area", label: "form.result", required: true }],
};

/** The form of the chosen act. */
export function ActForm(props: FormProps) {
  return props.chosen.act === "dispatch" ? <DispatchForm {...props} /> : <PlainForm {...props} />;
}

/** The draft of a form: kept by person, case and act. */
export function useDraft(c: Case, chosen: Chosen, start: Draft): [Draft, (patch: Draft) => void] {
  const key = draftKey(c.id, chosen);
  const [draft, setDraft] = useState<Draft>(() => ({ ...start, ...model.drafts.get(key) }));
  const change = (patch: Draft): void => {
    setDraft((was) => {
      const now = { ...was, ...patch };
      model.drafts.set(key, now);
      return now;
    });
  };
  return [draft, change];
}

function PlainForm({ c, chosen, direct, locked, submit, send, cancel }: FormProps) {
  const { lang, t } = useWords();
  const units = useUnits(chosen.act === "add-unit");
  const [draft, change] = useDraft(c, chosen, { part: "assist", ...(chosen.act === "acknowledge-for" ? { told_at: toField(serverClock.now()) } : {}) });
  const [wrong, setWrong] = useState<Record<string, string>>({});
  const form = useRef<HTMLFormElement>(null);
  const failed = draft["passed"] === "no";
  const specs = (FIELDS[chosen.act] ?? [])
    .filter((f) => f.name !== "orders" || failed)
    .map((f): FieldSpec => (f.name === "note" && failed ? { ...f, label: "form.noteRequired", required: true } : f));

  useEffect(() => {
    const all = [...(form.current?.querySelectorAll<HTMLInputElement>("textarea, input, select") ?? [])];
    (all.find((f) => f.value === "") ?? all[0])?.focus();
  }, []);

  async function onSubmit(e: FormEvent): Promise<void> {
    e.preventDefault();
    const missing: Record<string, string> = {};
    for (const f of specs) if (f.required && !String(draft[f.name] ?? "").trim()) missing[f.name] = t("form.required");
    const fields: Fields = {};
    for (const f of specs) {
      const value = draft[f.name];
      if (value === undefined || value.length === 0) continue;
      if (f.kind === "time") {
        const at = fromField(String(value));
        if (at === null) missing[f.name] = t("form.required");
        else if (at > serverClock.now()) missing[f.name] = t("form.future");
        else fields[f.name] = new Date(at).toISOString();
      } else if (f.kind === "unit") {
        const unit = findUnit(units, String(value));
        if (unit) fields[f.name] = unit.id;
        else missing[f.name] = `${t("problem.unit_unknown")} ${t("way.unit_unknown")}`;
      } else if (f.kind === "passed") fields[f.name] = value === "yes";
      else fields[f.name] = typeof value === "string" ? value.trim() : value;
    }
    if (chosen.act === "remind" && chosen.order !== null) fields["order"] = chosen.order;
    setWrong(missing);
    const first = Object.keys(missing)[0];
    if (first) form.current?.querySelector<HTMLElement>(`[name="${first}"]`)?.focus();
    else await send(chosen, fields);
  }

  const told = submit.problem ? wordsFor(submit.problem, lang).fields : {};
  const note = ({ close: "form.close", void: "form.void", remind: chosen.order === null ? "form.remind" : undefined } as const)[chosen.act as "close" | "void" | "remind"];
  return (
    <form className={direct ? "act-form direct" : "act-form"} ref={form} onSubmit={(e) => void onSubmit(e)} noValidate aria-label={t(`act.${chosen.act}`)}>
      {note && <p className="hint">{t(note)}</p>}
      {specs.length > 0 && (
        <div className="fields">
          {specs.map((f) => (
            <FieldView key={f.name} spec={f} c={c} units={units} value={draft[f.name] ?? ""} change={(v) => change({ [f.name]: v })} wrong={wrong[f.name] ?? told[f.name]} />
          ))}
        </div>
      )}
      <ActEnd chosen={chosen} locked={locked} submit={submit} cancel={cancel} />
    </form>
  );
}

/** The end of every form: the problem, then send and cancel. */
export function ActEnd({ chosen, locked, submit, cancel, label, blocked, children }: Pick<FormProps, "chosen" | "locked" | "submit" | "cancel"> & { label?: string; blocked?: boolean; children?: ReactNode }) {
  const { lang, t } = useWords();
  const last = useLatest();
  const words = submit.problem && wordsFor(submit.problem, lang);
  return (
    <>
      {words && (
        <p className="problem" role="alert">
          <b>{words.what}</b> {words.way}
          {(submit.problem?.code === "stale_version" || submit.problem?.code === "wrong_state") && last && <span className="latest">{t("acts.latest", { text: last })}</span>}
        </p>
      )}
      <div className="buttons">
        <button type="submit" className={GRAVE.includes(chosen.act) ? "btn grave" : "btn primary"} disabled={submit.busy || locked || blocked}>
          {submit.busy ? t("acts.sending") : (label ?? t(`act.${chosen.act}`))}
        </button>
        <button type="button" className="btn" onClick={cancel}>
          {t("acts.cancel")}
        </button>
        {children}
        {locked && <span className="hint">{t("line.locked")}</span>}
      </div>
    </>
  );
}

/** The newest entry of the timeline in one line: what somebody else has just done. */
function useLatest(): string | null {
  const { lang } = useWords();
  const e = model.get().opened?.entries.at(-1);
  if (!e) return null;
  const who = (e.actor.unit && unitName(lang, e.actor.unit)) ?? (lang === "zh" ? e.actor.role_zh : e.actor.role_en);
  return `${momentText(instant(e.at), serverClock.now())} ${who} ${lang === "zh" ? e.text_zh : e.text_en}`;
}
