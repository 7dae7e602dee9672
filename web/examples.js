// The documents of documents/ as tabs, with variables that have an answer.
import { parse, valueFromASTUntyped } from "graphql";
import { fetcher } from "./fetcher.js";

const DAY = 24 * 60 * 60 * 1000;

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
  const instance = run?.taskInstances.nodes[0];
  const now = new Date(data?.asOf ?? Date.now());
  return {
    dagId: dag?.dagId ?? "my_dag",
    runId: run?.runId ?? "my_run",
    taskId: instance?.taskId ?? "my_task",
    mapIndex: instance?.mapIndex,
    ids: [dag, run, instance].filter(Boolean).map(({ id }) => id),
    after: now,
    start: new Date(now - 7 * DAY),
    end: now,
  };
}

// The variables that a document must be given, and those with a default of its own.
function variables(query, known) {
  const { variableDefinitions } = parse(query).definitions[0];
  return Object.fromEntries(
    variableDefinitions
      .filter(({ type }) => type.kind === "NonNullType")
      .map(({ variable: { name }, defaultValue }) => [
        name.value,
        known[name.value] ?? (defaultValue && valueFromASTUntyped(defaultValue)),
      ]),
  );
}
