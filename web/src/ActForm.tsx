/**
 * The inline form of one act: its fields, what is missing, the problem in words, send and cancel.
 * What is typed is kept as a draft until it is sent. Which fields an act has stands in `forms.ts`;
 * only dispatching has a form of its own (the plan).
 */
import { type FormEvent, type ReactNode, useEffect, useRef, useState } from "react";
import type { Case } from "./api";
import { DispatchForm } from "./DispatchForm";
import { FieldView, findUnit, type UnitChoice, useUnits } from "./fields";
import { type Around, caseMeant, FIELDS, fieldsOf, isLimit } from "./forms";
import { hasKey, type Key, unitName, useWords } from "./i18n";
import { type Chosen, decided, GRAVE } from "./may";
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

/** What an act sends besides its fields: about which order, where the address does not say so. */
function aboutOrder({ act, order }: Chosen): Fields {
  return act === "suspend" && order !== null ? { order } : {};
}

/** The fields of `a` as the API takes them, and what is missing or wrong, by the field's name. */
export function bodyOf(a: Around, units: UnitChoice[], known: { id: string; number: string | null }[], now: number): { fields: Fields; wrong: Record<string, Key[]> } {
  const fields: Fields = aboutOrder(a.chosen);
  const wrong: Record<string, Key[]> = {};
  for (const f of fieldsOf(a)) {
    const value = a.draft[f.name] ?? "";
    const text = typeof value === "string" ? value.trim() : "";
    if (value.length === 0 || (typeof value === "string" && !text)) {
      if (f.required) wrong[f.name] = ["form.required"];
    } else if (f.kind === "time") {
      const at = fromField(text);
      if (at === null) wrong[f.name] = ["form.required"];
      else if (at > now) wrong[f.name] = ["form.future"];
      else fields[f.name] = new Date(at).toISOString();
    } else if (f.kind === "unit") {
      const unit = findUnit(units, text);
      if (unit) fields[f.name] = unit.id;
      else wrong[f.name] = ["problem.unit_unknown", "way.unit_unknown"];
    } else if (f.kind === "case") {
      const id = caseMeant(text, known);
      if (id) fields[f.name] = id;
      else wrong[f.name] = ["form.caseUnknown"];
    } else if (f.kind === "limit") {
      if (isLimit(text)) fields[f.name] = text;
      else wrong[f.name] = ["form.limitHint"];
    } else if (f.kind === "yesno") fields[f.name] = value === "yes";
    else fields[f.name] = typeof value === "string" ? text : value;
  }
  return { fields, wrong };
}

function PlainForm({ c, chosen, direct, locked, submit, send, cancel }: FormProps) {
  const { lang, t } = useWords();
  const units = useUnits(chosen.act !== "dispatch" && FIELDS[chosen.act].some((f) => f.kind === "unit"));
  const [draft, change] = useDraft(c, chosen, { part: "assist", ...(chosen.act === "acknowledge-for" ? { told_at: toField(serverClock.now()) } : {}) });
  const [wrong, setWrong] = useState<Record<string, string>>({});
  const form = useRef<HTMLFormElement>(null);
  const around: Around = { c, chosen, draft };
  const specs = direct ? [] : fieldsOf(around);
  const request = decided(c, chosen);

  useEffect(() => {
    const all = [...(form.current?.querySelectorAll<HTMLInputElement>("textarea, input, select") ?? [])];
    const unanswered = (f: HTMLInputElement): boolean => f.type === "radio" && !all.some((x) => x.name === f.name && x.checked);
    (all.find((f) => f.value === "" || unanswered(f)) ?? all[0])?.focus();
  }, []);

  async function onSubmit(e: FormEvent): Promise<void> {
    e.preventDefault();
    const body = bodyOf(around, units, model.get().open.items ?? [], serverClock.now());
    const missing = Object.fromEntries(Object.entries(body.wrong).map(([name, keys]) => [name, keys.map((k) => t(k)).join(" ")]));
    setWrong(missing);
    const first = Object.keys(missing)[0];
    if (first) form.current?.querySelector<HTMLElement>(`[name="${first}"]`)?.focus();
    else await send(chosen, body.fields);
  }

  const told = submit.problem ? wordsFor(submit.problem, lang).fields : {};
  const note = `note.${chosen.act}`;
  return (
    <form className={direct ? "act-form direct" : "act-form"} ref={form} onSubmit={(e) => void onSubmit(e)} noValidate aria-label={t(request ? `decide.${request.kind}` : `act.${chosen.act}`)}>
      {hasKey(note) && !request && <p className="hint">{t(note)}</p>}
      {chosen.act === "close" && c.condition && <p className="hint">{t("form.closing", { text: lang === "zh" ? c.condition.closing_zh : c.condition.closing_en })}</p>}
      {specs.length > 0 && (
        <div className="fields">
          {specs.map((f) => (
            <FieldView key={f.name} spec={f} c={c} units={units} value={draft[f.name] ?? ""} change={(v) => change({ [f.name]: v })} wrong={wrong[f.name] ?? told[f.name]} />
          ))}
        </div>
      )}
      <ActEnd chosen={chosen} locked={locked} submit={submit} cancel={cancel} shown={specs.map((f) => f.name)} label={request && t("form.decide")} />
    </form>
  );
}

interface EndProps extends Pick<FormProps, "chosen" | "locked" | "submit" | "cancel"> {
  /** The fields that show their own errors; the others' errors are told here. */
  shown?: string[];
  label?: string | undefined;
  blocked?: boolean;
  children?: ReactNode;
}

/** The end of every form: the problem, then send and cancel. */
export function ActEnd({ chosen, locked, submit, cancel, shown = [], label, blocked, children }: EndProps) {
  const { lang, t } = useWords();
  const last = useLatest();
  const words = submit.problem && wordsFor(submit.problem, lang);
  return (
    <>
      {words && (
        <p className="problem" role="alert">
          <b>{words.what}</b> {words.way}
          {Object.entries(words.fields).map(([name, text]) => text !== words.what && !shown.includes(name) && <span className="latest" key={name}>{text}</span>)}
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
