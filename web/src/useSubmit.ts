/**
 * Sending an act: idempotency key and version, one at a time, repeated by itself while the server is
 * busy, taken back to words when refused. Decides nothing about forms. An act whose outcome is not
 * known is only ever repeated with the same key.
 */
import { useEffect, useMemo, useRef, useState } from "react";
import type { Done, Problem } from "./api";
import { Attempt } from "./http";
import type { Chosen } from "./may";
import { model } from "./model";

/** The body of an act, without `version`. */
export type Fields = Record<string, unknown>;

/** The state of sending. */
export interface Submit {
  busy: boolean;
  problem: Problem | null;
  /** Sends; resolves to true if it was done. */
  send(chosen: Chosen, fields: Fields): Promise<boolean>;
  /** Gives up a waiting repeat and forgets the problem. */
  clear(): void;
}

/** Steps that concern nobody else's: another's change in between is no reason to ask again. */
const OWN = new Set(["acknowledge", "arrive", "handle", "feed-back", "confirm", "supply-info", "remind", "request-extension", "request-suspend"]);

/** The path of an act below `/cases/{id}`; a suspension is the case's own, also where a unit asked for it. */
export function actPath(caseId: string, { act, order }: Chosen): string {
  return order === null || act === "suspend" ? `/cases/${caseId}/${act}` : `/cases/${caseId}/orders/${order}/${act}`;
}

/** The key of a form's draft: by person, case and act. */
export function draftKey(caseId: string, { act, order }: Chosen): string {
  return `${model.get().me?.person} ${caseId} ${order} ${act}`;
}

/** Sending acts on the case `caseId`; `onDone` is told of each that was done, also by a repeat. */
export function useSubmit(caseId: string, onDone: (chosen: Chosen) => void): Submit {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const attempt = useMemo(() => new Attempt(), []);
  const again = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => () => clearTimeout(again.current), []);

  async function send(chosen: Chosen, fields: Fields, asked = false): Promise<boolean> {
    clearTimeout(again.current);
    setBusy(true);
    const path = actPath(caseId, chosen);
    const version = model.get().opened?.data?.version;
    const { key, body } = attempt.prepare(`${path} ${JSON.stringify(fields)}`, () => JSON.stringify({ ...fields, version }));
    try {
      const done = await model.http.write<Done>("POST", path, body, key);
      attempt.refused({ code: "done", status: 200 }); // the next act is another one
      setProblem(null);
      model.drafts.delete(draftKey(caseId, chosen));
      onDone(chosen);
      await model.acted(done?.sequence ?? 0);
      return true;
    } catch (e) {
      const p = model.failed(e);
      attempt.refused(p);
      if (p.status === 409 || p.status === 403 || p.status === 404) await model.loadCase(); // show what is so now
      if (p.code === "stale_version" && OWN.has(chosen.act) && !asked) return await send(chosen, fields, true);
      if (p.code === "busy") {
        const wait = p.retry_after ?? 20;
        again.current = setTimeout(() => void send(chosen, fields), wait * 1000);
      }
      setProblem(p);
      return false;
    } finally {
      setBusy(false);
    }
  }

  function clear(): void {
    clearTimeout(again.current);
    setProblem(null);
  }

  return { busy, problem, send: (chosen, fields) => send(chosen, fields), clear };
}
