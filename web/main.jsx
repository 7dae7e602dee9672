// GraphiQL on the endpoint that served this page.
import { GraphiQL } from "graphiql";
import "graphiql/style.css";
import { createRoot } from "react-dom/client";
import { examples } from "./examples.js";
import { fetcher } from "./fetcher.js";
import "./main.css";

globalThis.MonacoEnvironment = {
  getWorker: (_, label) =>
    new Worker(new URL(WORKERS[label] ?? WORKERS.editor, import.meta.url)),
};

// A browser that was here before shows the tabs that it had.
const tabs = localStorage.getItem("graphiql:tabState") ? undefined : await examples();

createRoot(document.getElementById("graphiql")).render(
  <GraphiQL
    fetcher={fetcher}
    defaultTabs={tabs}
    initialVariables={tabs?.[0].variables}
    defaultEditorToolsVisibility="variables"
    inputValueDeprecation
    schemaDescription
  >
    <GraphiQL.Logo>dagway</GraphiQL.Logo>
  </GraphiQL>,
);
