/** Start of the page: language, model, network signals, then the first drawing. No logic of its own. */
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./App";
import { tellDocument } from "./i18n";
import { model } from "./model";
import "./styles.css";

tellDocument();
window.addEventListener("offline", () => model.network(false));
window.addEventListener("online", () => model.network(true));
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) model.network(true); // timers of a hidden page are slow: look at once
});
void model.begin();

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
