import { render } from "preact";
import { Dashboard } from "./Dashboard";
import { onState, remember, remembered, send } from "./host";
import { Sidebar } from "./Sidebar";
import "./style.css";

const View = document.body.dataset["view"] === "dashboard" ? Dashboard : Sidebar;
const root = document.getElementById("root") ?? document.body;
let isFirst = true;

onState((state) => {
  render(<View state={state} />, root);
  if (isFirst && state.insight !== null) {
    isFirst = false;
    window.scrollTo(0, remembered().scroll);
  }
});
window.addEventListener("scroll", () => remember({ scroll: window.scrollY }), { passive: true });
send({ kind: "ready" });
