/**
 * The fields that forms are made of, each with its label, and the catalogues they choose from
 * (classes, units, divisions). A field that is needed says so, and shows its own error beside it.
 */
import { useEffect, useId, useState } from "react";
import type { Case, Class, Page, Ref } from "./api";
import { limitText } from "./clock";
import { type FieldSpec, isLimit } from "./forms";
import { unitName, useWords } from "./i18n";
import { model, useModel } from "./model";

/** A unit to choose. */
export interface UnitChoice {
  id: string;
  code: string;
  name: string;
  name_en?: string | null;
}

/** Pages of the unit catalogue that are read: 1,000 units, far more than one centre calls. */
const UNIT_PAGES = 10;

/** All units that can be chosen; read when `wanted`. */
export function useUnits(wanted: boolean): UnitChoice[] {
  const [units, setUnits] = useState<UnitChoice[]>([]);
  useEffect(() => {
    if (!wanted) return;
    let current = true;
    void (async () => {
      const all: UnitChoice[] = [];
      let after = "";
      for (let i = 0; i < UNIT_PAGES && current; i++) {
        const page: Page<UnitChoice> = await model.http.read(`/units?limit=100${after}`);
        all.push(...page.items);
        if (page.next === null || page.next === undefined) break;
        after = `&after=${encodeURIComponent(String(page.next))}`;
      }
      if (current) setUnits(all);
    })().catch((e: unknown) => model.failed(e));
    return () => {
      current = false;
    };
  }, [wanted]);
  return units;
}

/** What stands in the field for a unit: its name, with the code if the name is not the only one. */
function unitText(u: UnitChoice, all: UnitChoice[]): string {
  return all.some((x) => x.name === u.name && x.id !== u.id) ? `${u.name} (${u.code})` : u.name;
}

/** The unit that somebody typed or chose. */
export function findUnit(all: UnitChoice[], text: string): UnitChoice | undefined {
  const t = text.trim();
  return all.find((u) => unitText(u, all) === t || u.code === t);
}

/** What one address of the catalogues answers; null until it is there. */
function useCatalogue<T>(path: string | null): T[] | null {
  const [items, setItems] = useState<T[] | null>(null);
  useEffect(() => {
    if (path === null) return;
    let current = true;
    model.http
      .read<{ items: T[] }>(path)
      .then((got) => current && setItems(got.items))
      .catch((e: unknown) => model.failed(e));
    return () => {
      current = false;
    };
  }, [path]);
  return items;
}

/** All classes with their filing conditions; read when `wanted`, null until they are there. */
export function useClasses(wanted: boolean): Class[] | null {
  return useCatalogue<Class>(wanted ? "/classes" : null);
}

interface FieldProps {
  spec: FieldSpec;
  c: Case;
  units: UnitChoice[];
  value: string | string[];
  change(value: string | string[]): void;
  wrong: string | undefined;
}

/** A field with its label and its error. */
export function FieldView(props: FieldProps) {
  const { lang, t } = useWords();
  const { spec, wrong } = props;
  const id = useId();
  const error = wrong && (
    <span className="wrong" id={`${id}-wrong`}>
      {wrong}
    </span>
  );
  const label = (
    <>
      {t(spec.label)}
      {spec.required && <span className="must">{t("form.must")}</span>}
    </>
  );
  if (spec.kind === "yesno" || spec.kind === "again") {
    return (
      <fieldset className="field wide" aria-describedby={wrong ? `${id}-wrong` : undefined}>
        <legend>{label}</legend>
        <Choices {...props} />
        {error}
      </fieldset>
    );
  }
  return (
    <div className={["area", "condition", "case"].includes(spec.kind) ? "field wide" : "field"}>
      <label htmlFor={id}>{label}</label>
      <Control {...props} id={id} />
      {spec.hint && (
        <span className="hint" id={`${id}-hint`}>
          {spec.asked && t("form.limitAsked", { limit: limitText(spec.asked, lang) })}
          {t(spec.hint)}
        </span>
      )}
      {error}
    </div>
  );
}

function Choices({ spec, c, value, change }: FieldProps) {
  const { lang, t } = useWords();
  if (spec.kind === "yesno") {
    return (
      <div className="choices">
        {(["yes", "no"] as const).map((v) => (
          <label key={v}>
            <input type="radio" name={spec.name} required={spec.required === true} checked={value === v} onChange={() => change(v)} /> {t((v === "yes" ? spec.yes : spec.no) ?? "form.pass")}
          </label>
        ))}
      </div>
    );
  }
  const chosen = Array.isArray(value) ? value : [];
  return (
    <div className="choices">
      {c.orders
        .filter((o) => o.stage === "fed_back" && o.part !== "cc")
        .map((o) => (
          <label key={o.id}>
            <input type="checkbox" checked={chosen.includes(o.id)} onChange={(e) => change(e.target.checked ? [...chosen, o.id] : chosen.filter((x) => x !== o.id))} /> {unitName(lang, o.unit)} · {t(`part.${o.part}`)}
          </label>
        ))}
    </div>
  );
}

/** What every control of a field carries. */
interface Common {
  id: string;
  name: string;
  value: string;
  required: boolean;
  "aria-invalid": true | undefined;
  "aria-describedby": string | undefined;
}

function Control({ spec, c, units, value, change, wrong, id }: FieldProps & { id: string }) {
  const { lang, t, of } = useWords();
  const text = String(value);
  const described = [spec.hint && `${id}-hint`, wrong && `${id}-wrong`].filter(Boolean).join(" ");
  const common: Common = { id, name: spec.name, value: text, required: spec.required === true, "aria-invalid": wrong ? true : undefined, "aria-describedby": described || undefined };
  const pick = (e: { target: { value: string } }): void => change(e.target.value);
  const zh = lang === "zh";
  switch (spec.kind) {
    case "area":
      return <textarea {...common} rows={2} maxLength={spec.max} onChange={pick} />;
    case "time":
      return <input {...common} type="datetime-local" step={1} onChange={pick} />;
    case "limit":
      return (
        <span className="with-echo">
          <input {...common} autoComplete="off" autoCapitalize="off" spellCheck={false} placeholder={spec.asked ?? "2d"} maxLength={spec.max} onChange={pick} />
          <span className="hint" aria-live="polite">{isLimit(text.trim()) && limitText(text.trim(), lang)}</span>
        </span>
      );
    case "unit":
      return (
        <>
          <input {...common} list={`${id}-units`} autoComplete="off" placeholder={t("form.unitHint")} onChange={pick} />
          <datalist id={`${id}-units`}>
            {units.map((u) => <option key={u.id} value={unitText(u, units)}>{lang === "en" ? u.name_en : undefined}</option>)}
          </datalist>
        </>
      );
    case "case":
      return <CaseControl common={common} c={c} change={change} />;
    case "class":
      return <ClassControl common={common} c={c} change={change} />;
    case "condition":
      return <ConditionControl common={common} c={c} change={change} />;
    case "division":
      return <DivisionControl common={common} c={c} change={change} />;
    case "severity":
    case "urgency": {
      const family = spec.kind;
      const levels = family === "severity" ? ["ordinary", "larger", "major", "extraordinary"] : ["low", "medium", "high"];
      return (
        <select {...common} onChange={pick}>
          <option value="">{`${t("form.keep")} (${of(family, c[family])})`}</option>
          {levels.map((l) => <option key={l} value={l}>{of(family, l)}</option>)}
        </select>
      );
    }
    case "satisfaction":
      return (
        <select {...common} onChange={pick}>
          <option value="">{t("satisfaction.none")}</option>
          {(["satisfied", "basic", "dissatisfied"] as const).map((s) => <option key={s} value={s}>{t(`satisfaction.${s}`)}</option>)}
        </select>
      );
    case "order":
      return (
        <select {...common} onChange={pick}>
          <option value="">{t(spec.required ? "form.choose" : "form.wholeCase")}</option>
          {c.orders
            .filter((o) => o.part !== "cc" && ["sent", "acknowledged", "arrived"].includes(o.stage))
            .map((o) => (
              <option key={o.id} value={o.id}>
                {unitName(lang, o.unit)}
                {zh ? "·" : " · "}
                {t(`part.${o.part}`)}
              </option>
            ))}
        </select>
      );
    case "part":
      return (
        <select {...common} onChange={pick}>
          {(spec.lead ? (["lead", "assist", "cc"] as const) : (["assist", "cc"] as const)).map((p) => <option key={p} value={p}>{t(`part.${p}`)}</option>)}
        </select>
      );
    default:
      return <input {...common} type="text" maxLength={spec.max} onChange={pick} />;
  }
}

interface ControlProps {
  common: Common;
  c: Case;
  change(value: string): void;
}

function ClassControl({ common, c, change }: ControlProps) {
  const { lang, t } = useWords();
  const classes = useClasses(true);
  const now = c.class && (lang === "zh" ? c.class.name_zh : c.class.name_en);
  return (
    <select {...common} onChange={(e) => change(e.target.value)}>
      <option value="">{now ? `${t("form.keep")} (${now})` : t("noClass")}</option>
      {classes?.map((k) => (
        <option key={k.code} value={k.code}>
          {k.code} {lang === "zh" ? k.name_zh : k.name_en}
        </option>
      ))}
    </select>
  );
}

function ConditionControl({ common, c, change }: ControlProps) {
  const { lang, t } = useWords();
  const zh = lang === "zh";
  const conditions = useClasses(true)?.find((k) => k.code === c.class?.code)?.conditions ?? [];
  const chosen = conditions.find((k) => k.code === common.value);
  return (
    <>
      <select {...common} onChange={(e) => change(e.target.value)}>
        <option value="">{t("form.noCondition", { limit: limitText(c.limits?.handle ?? "—", lang) })}</option>
        {conditions.map((k) => (
          <option key={k.code} value={k.code}>
            {t("form.conditionLine", { text: zh ? k.filing_zh : k.filing_en, limit: limitText(k.handle, lang) })}
          </option>
        ))}
      </select>
      {chosen && <span className="hint">{t("form.closing", { text: zh ? chosen.closing_zh : chosen.closing_en })}</span>}
    </>
  );
}

function CaseControl({ common, c, change }: ControlProps) {
  const { lang } = useWords();
  const known = useModel((s) => s.open.items) ?? [];
  return (
    <>
      <input {...common} list={`${common.id}-cases`} autoComplete="off" onChange={(e) => change(e.target.value)} />
      <datalist id={`${common.id}-cases`}>
        {known
          .filter((k) => k.id !== c.id)
          .map((k) => <option key={k.id} value={k.number ?? k.id}>{lang === "zh" ? k.title_zh : k.title_en}</option>)}
      </datalist>
    </>
  );
}

function DivisionControl({ common, c, change }: ControlProps) {
  const { t } = useWords();
  const below = useCatalogue<Ref>(`/divisions?parent=${encodeURIComponent(c.centre.code)}&limit=500`);
  return (
    <select {...common} onChange={(e) => change(e.target.value)}>
      <option value="">{t("form.choose")}</option>
      {below?.map((d) => (
        <option key={d.code} value={d.code}>
          {d.name} {d.code}
        </option>
      ))}
    </select>
  );
}
