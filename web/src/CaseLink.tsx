/**
 * A link to another case, by its number and title as far as this viewer may see them.
 */
import { useEffect, useState } from "react";
import type { Case, Summary } from "./api";
import { useWords } from "./i18n";
import { model } from "./model";

/** The link to the case `id`. */
export function CaseLink({ id }: { id: string }) {
  const { lang, t } = useWords();
  const [found, setFound] = useState<Summary | null>(null);
  useEffect(() => {
    let current = true;
    model.http
      .read<Case>(`/cases/${id}`)
      .then((got) => current && setFound(got))
      .catch(() => null); // not this viewer's to see: the link says so when it is followed
    return () => {
      current = false;
    };
  }, [id]);
  const title = found && (lang === "zh" ? found.title_zh : found.title_en);
  return (
    <a className="case-link" href={`#/cases/${id}`}>
      {found ? [found.number, title].filter(Boolean).join(" ") : t("standing.case")}
    </a>
  );
}
