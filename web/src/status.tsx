/**
 * The seven status glyphs (own shapes, 16 px grid), the chip that joins glyph and word, and which
 * status a case has in a list. Shape and word tell; colour only repeats. No other icon may stand for
 * a status.
 */
import type { ReactNode } from "react";
import type { Stage, Summary, Supervision } from "./api";
import { dueStatus, type Status } from "./clock";
import { type Key, useWords } from "./i18n";
import { instant } from "./time";

const SHAPES: Record<Status, ReactNode> = {
  idle: <circle cx="8" cy="8" r="5.6" fill="none" stroke="currentColor" strokeWidth="1.6" strokeDasharray="2.2 1.9" />,
  run: (
    <>
      <circle cx="8" cy="8" r="5.8" fill="none" stroke="currentColor" strokeWidth="1.6" />
      <path d="M8 4.2a3.8 3.8 0 0 1 0 7.6z" fill="currentColor" />
    </>
  ),
  ok: (
    <>
      <circle cx="8" cy="8" r="6.6" fill="currentColor" />
      <path d="M5 8.2l2.1 2.1L11.2 6" className="cut" strokeWidth="1.7" />
    </>
  ),
  soon: (
    <>
      <path d="M8 1.6L15 14H1z" fill="currentColor" />
      <path d="M8 6v4M8 12v.2" className="cut" strokeWidth="1.6" />
    </>
  ),
  late: (
    <>
      <path d="M5 1h6l4 4v6l-4 4H5l-4-4V5z" fill="currentColor" />
      <path d="M8 4.4v4.4M8 11.4v.2" className="cut" strokeWidth="1.8" />
    </>
  ),
  hold: (
    <>
      <rect x="1.8" y="1.8" width="12.4" height="12.4" rx="2" fill="none" stroke="currentColor" strokeWidth="1.6" />
      <path d="M6.2 5.2v5.6M9.8 5.2v5.6" stroke="currentColor" strokeWidth="1.8" strokeLinecap="round" />
    </>
  ),
  off: (
    <>
      <path d="M1.5 8h13" stroke="currentColor" strokeWidth="1.8" strokeLinecap="round" />
      <circle cx="8" cy="8" r="5.6" fill="none" stroke="currentColor" strokeWidth="1.4" />
    </>
  ),
};

/** A status glyph. Give `name` where no word stands beside it. */
export function Glyph({ status, size = 14, name }: { status: Status; size?: number; name?: string }) {
  const access = name === undefined ? { "aria-hidden": true as const } : { role: "img", "aria-label": name };
  return (
    <svg className={`glyph g-${status}`} width={size} height={size} viewBox="0 0 16 16" {...access}>
      {SHAPES[status]}
    </svg>
  );
}

/** Glyph and word on the status's ground. */
export function Chip({ status, children }: { status: Status; children: ReactNode }) {
  return (
    <span className={`chip c-${status}`}>
      <Glyph status={status} size={12} />
      <span>{children}</span>
    </span>
  );
}

/** Stages that are a status by themselves: the clock says nothing more of them. */
const STANDING: Partial<Record<Stage, Status>> = {
  closed: "ok",
  refused: "off",
  voided: "off",
  merged: "hold",
  returned: "hold",
  suspended: "hold",
};

/** The stage's own status, without regard to its clock. */
export function stageStatus(c: Summary): Status {
  return STANDING[c.stage] ?? (c.stage === "reported" ? "idle" : "run");
}

/** The status of a case in a list. The row has no start of its clock: the last change stands for it. */
export function caseStatus(c: Summary, now: number): Status {
  // A limit that has passed is no longer the next one due.
  if (STANDING[c.stage] === undefined && c.overdue) return "late";
  if (STANDING[c.stage] === undefined && c.next_due !== null) {
    const due = dueStatus(instant(c.updated_at), instant(c.next_due), now);
    if (due !== "run") return due;
  }
  return stageStatus(c);
}

/** The word for `status` of a case: a stage that is a status by itself has its own. */
export function statusWord(c: Summary, status: Status): Key {
  return STANDING[c.stage] === undefined ? `status.${status}` : `stage.${c.stage}`;
}

/** The tag of an urgent case. */
export function UrgentTag() {
  const { t } = useWords();
  return <span className="tag urgent">{t("urgent")}</span>;
}

/** The tag of a case under supervision: its word says which card was shown. */
export function SupervisionTag({ level }: { level: Supervision }) {
  const { t } = useWords();
  return <span className={`tag card-${level}`}>{t(`supervision.${level}`)}</span>;
}
