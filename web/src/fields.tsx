/**
 * The fields that forms are made of, each with its label, and the two catalogues they choose from
 * (classes, units), read once per session. A field shows its own error beside it.
 */
import { useEffect, useId, useState } from "react";
import type { Case, ClassRef, Page } from "./api";
import { type Key, useWords } from "./i18n";
import { model } from "./model";

/** One field of a form. */
export interface FieldSpec {
  name: string;
  kind: "area" | "text" | "time" | "class" | "severity" | "urgency" | "unit" | "part" | "passed" | "orders";
  label: Key;
  required?: boolean;
}

/** A unit to choose. */
export interface UnitChoice {
  id: string;
  code: string;
  name: string;
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

function useClasses(wanted: boolean): ClassRef[] {
  const [classes, setClasses] = useState<ClassRef[]>([]);
  useEffect(() => {
    if (!wanted) return;
    let current = true;
    model.http
      .read<{ items: ClassRef[] } | ClassRef[]>("/classes")
      .then((got) => current && setClasses(Array.isArray(got) ? got : got.items))
      .catch((e: unknown) => model.failed(e));
    return () => {
      current = false;
    };
  }, [wanted]);
  return classes;
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
  const { t } = useWords();
  const { spec, wrong } = props;
  const id = useId();
  const error = wrong && (
    <span className="wrong" id={`${id}-wrong`}>
      {wrong}
    </span>
  );
  if (spec.kind === "passed" || spec.kind === "orders") {
    return (
      <fieldset className="field wide" aria-describedby={wrong ? `${id}-wrong` : undefined}>
        <legend>{t(spec.label)}</legend>
        <Choices {...props} />
        {error}
      </fieldset>
    );
  }
  return (
    <div className={spec.kind === "area" ? "field wide" : "field"}>
      <label htmlFor={id}>{t(spec.label)}</label>
      <Control {...props} id={id} />
      {error}
    </div>
  );
}

function Choices({ spec, c, value, change }: FieldProps) {
  const { t } = useWords();
  if (spec.kind === "passed") {
    return (
      <div className="choices">
        {(["yes", "no"] as const).map((v) => (
          <label key={v}>
            <input type="radio" name={spec.name} checked={value === v} onChange={() => change(v)} /> {t(v === "yes" ? "form.pass" : "form.fail")}
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
            <input type="checkbox" checked={chosen.includes(o.id)} onChange={(e) => change(e.target.checked ? [...chosen, o.id] : chosen.filter((x) => x !== o.id))} /> {o.unit.name} · {t(`part.${o.part}`)}
          </label>
        ))}
    </div>
  );
}

function Control({ spec, c, units, value, change, wrong, id }: FieldProps & { id: string }) {
  const { lang, t, of } = useWords();
  const classes = useClasses(spec.kind === "class");
  const text = String(value);
  const common = { id, name: spec.name, value: text, required: spec.required, "aria-invalid": wrong ? true : undefined, "aria-describedby": wrong ? `${id}-wrong` : undefined };
  const pick = (e: { target: { value: string } }): void => change(e.target.value);
  switch (spec.kind) {
    case "area":
      return <textarea {...common} rows={2} maxLength={2000} onChange={pick} />;
    case "time":
      return <input {...common} type="datetime-local" step={1} onChange={pick} />;
    case "unit":
      return (
        <>
          <input {...common} list={`${id}-units`} autoComplete="off" placeholder={t("form.unitHint")} onChange={pick} />
          <datalist id={`${id}-units`}>
            {units.map((u) => <option key={u.id} value={unitText(u, units)} />)}
          </datalist>
        </>
      );
    case "class": {
      const now = c.class && (lang === "zh" ? c.class.name_zh : c.class.name_en);
      return (
        <select {...common} onChange={pick}>
          <option value="">{now ? `${t("form.keep")} (${now})` : t("noClass")}</option>
          {classes.map((k) => (
            <option key={k.code} value={k.code}>
              {k.code} {lang === "zh" ? k.name_zh : k.name_en}
            </option>
          ))}
        </select>
      );
    }
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
    case "part":
      return (
        <select {...common} onChange={pick}>
          {(["lead", "assist", "cc"] as const).map((p) => <option key={p} value={p}>{t(`part.${p}`)}</option>)}
        </select>
      );
    default:
      return <input {...common} type="text" maxLength={200} onChange={pick} />;
  }
}
