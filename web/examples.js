// The documents of documents/core as tabs, with variables that have an answer.
import { parse, valueFromASTUntyped } from "graphql";
import { fetcher } from "./fetcher.js";

const LATEST = `{
  dags(first: 1, orderBy: { by: LATEST_RUN, direction: DESC }) {
    nodes { id dagId latestRun { id runId } }
  }
}`;

export async function examples() {
  const known = await latest();
  return DOCUMENTS.map((query) => ({
    query,
    variables: JSON.stringify(variables(query, known), null, 2),
  }));
}

// What names the DAG that ran last; made-up names if there is none to be had.
async function latest() {
  const { data } = await fetcher({ query: LATEST }).catch(() => ({}));
  const dag = data?.dags?.nodes[0];
  const run = dag?.latestRun;
  return {
    dagId: dag?.dagId ?? "my_dag",
    runId: run?.runId ?? "my_run",
    ids: [dag?.id, run?.id].filter(Boolean),
  };
}

// The variables that a document must be given, and those with a default of its own.
function variables(query, known) {
  const { variableDefinitions } = parse(query).definitions[0];
  return Object.fromEntries(
    variableDefinitions
      .map(({ variable, defaultValue }) => [
        variable.name.value,
        defaultValue ? valueFromASTUntyped(defaultValue) : known[variable.name.value],
      ])
      .filter(([, value]) => value !== undefined),
  );
}
