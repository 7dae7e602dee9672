// GraphiQL on the endpoint that served this page.
import { GraphiQL, HISTORY_PLUGIN } from "graphiql";
import "graphiql/style.css";
import { createRoot } from "react-dom/client";
import { ACCESS } from "./access.jsx";
import { COST } from "./cost.jsx";
import { examples } from "./examples.js";
import { reportingFetcher } from "./fetcher.js";
import "./main.css";
import { Share, shared } from "./share.jsx";

globalThis.MonacoEnvironment = {
  getWorker: (_, label) =>
    new Worker(new URL(WORKERS[label] ?? WORKERS.editor, import.meta.url)),
};

const plugins = [HISTORY_PLUGIN, ACCESS, COST];
const link = shared();
addEventListener("hashchange", () => location.reload());

// A browser that was here before shows the tabs that it had.
const tabs = localStorage.getItem("graphiql:tabState")
  ? undefined
  : [...(link ? [link] : []), ...(await examples())];

createRoot(document.getElementById("graphiql")).render(
  <GraphiQL
    fetcher={reportingFetcher}
    plugins={plugins}
    defaultTabs={tabs}
    initialQuery={link?.query}
    initialVariables={(link ?? tabs?.[0])?.variables}
    defaultEditorToolsVisibility="variables"
    inputValueDeprecation
    schemaDescription
  >
    <GraphiQL.Logo>dagway</GraphiQL.Logo>
    <GraphiQL.Toolbar>
      {({ prettify, merge, copy }) => (
        <>
          {prettify}
          {merge}
          {copy}
          <Share />
        </>
      )}
    </GraphiQL.Toolbar>
  </GraphiQL>,
);
