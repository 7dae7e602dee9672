// Prints, as JSON, what Apollo Client makes of the server at an address.
import { createHash } from "node:crypto";

import { ApolloClient, HttpLink, InMemoryCache, gql } from "@apollo/client";
import { CombinedGraphQLErrors } from "@apollo/client/errors";
import { Defer20220824Handler, GraphQL17Alpha9Handler } from "@apollo/client/incremental";
import { BatchHttpLink } from "@apollo/client/link/batch-http";
import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";
import { relayStylePagination } from "@apollo/client/utilities";

const uri = process.argv[2];

const published = async (path) => (await fetch(new URL(path, uri))).json();

const [possibleTypes, typePolicies] = await Promise.all([
  published("/possibleTypes.json"),
  published("/typePolicies.json"),
]);

const newCache = () =>
  new InMemoryCache({
    possibleTypes,
    typePolicies: {
      ...typePolicies,
      Query: { fields: { dags: relayStylePagination(["filter", "orderBy"]) } },
    },
  });

// what a link sends, noted down before it goes
const noted = [];
const fetchNoted = (address, options) => {
  const url = new URL(address);
  const sent = options.body ? JSON.parse(options.body) : Object.fromEntries(url.searchParams);
  noted.push({ method: options.method, hasQuery: "query" in sent });
  return fetch(address, options);
};
const newClient = (link = new HttpLink({ uri })) => new ApolloClient({ link, cache: newCache() });

const DAG = gql`
  query Dag($dagId: ID!) {
    dag(dagId: $dagId) {
      id
      dagId
      schedule { description }
    }
  }
`;
const NODE = gql`
  query Node($id: ID!) {
    node(id: $id) {
      id
      ... on DagStructure { tasks { id taskId } }
      ... on Dag { displayName }
    }
  }
`;
const SUMMARY = gql`
  query Summary($dagId: ID!) {
    dag(dagId: $dagId) {
      id
      schedule { kind }
    }
  }
`;

const normalised = async () => {
  const client = newClient();
  const variables = { dagId: "fx_texts" };
  const { data } = await client.query({ query: DAG, variables });
  await client.query({ query: SUMMARY, variables });
  const node = await client.query({ query: NODE, variables: { id: data.dag.id } });
  const again = await client.query({ query: DAG, variables, fetchPolicy: "cache-only" });
  const cached = client.cache.extract();
  return {
    dag: data.dag,
    tasks: node.data.node.tasks.length,
    again: again.data.dag,
    key: client.cache.identify(data.dag),
    kept: Object.keys(cached).filter((key) => key.startsWith("Dag:")),
    keptSchedules: Object.keys(cached).filter((key) => key.startsWith("Schedule:")),
    schedule: Object.keys(cached[client.cache.identify(data.dag)].schedule).sort(),
  };
};

const PAGE = gql`
  query Page($after: String) {
    dags(first: 3, after: $after) {
      edges { cursor node { id dagId } }
      pageInfo { hasNextPage endCursor hasPreviousPage startCursor }
    }
  }
`;

const pages = async () => {
  const client = newClient();
  const watched = client.watchQuery({ query: PAGE });
  const subscription = watched.subscribe(() => {});
  const counts = [];
  let { data } = await client.query({ query: PAGE });
  counts.push(data.dags.edges.length);
  while (counts.length < 3) {
    await watched.fetchMore({ variables: { after: data.dags.pageInfo.endCursor } });
    ({ data } = await client.query({ query: PAGE, fetchPolicy: "cache-only" }));
    counts.push(data.dags.edges.length);
  }
  subscription.unsubscribe();
  return { counts, dagIds: data.dags.edges.map(({ node }) => node.dagId) };
};

const sha256 = (text) => createHash("sha256").update(text).digest("hex");

const persisted = async (useGETForHashedQueries, name) => {
  const query = gql`query ${name} { dag(dagId: "fx_texts") { id dagId } }`;
  const told = [];
  for (let asked = 0; asked < 2; asked += 1) {
    const link = new PersistedQueryLink({ sha256, useGETForHashedQueries }).concat(
      new HttpLink({ uri, fetch: fetchNoted }),
    );
    noted.length = 0;
    const { data } = await newClient(link).query({ query });
    told.push({ dagId: data.dag.dagId, sent: [...noted] });
  }
  return told;
};

const failure = async (query) => {
  try {
    const { data } = await newClient().query({ query });
    return { data };
  } catch (error) {
    return {
      isGraphQL: CombinedGraphQLErrors.is(error),
      codes: error.errors?.map(({ extensions }) => extensions.code),
    };
  }
};

const DEFER = gql`
  {
    asOf
    ... @defer(label: "late") { dag(dagId: "fx_texts") { id dagId } }
  }
`;

const deferred = async (incrementalHandler) => {
  const answers = [];
  const fetch_ = async (address, options) => {
    const response = await fetch(address, options);
    answers.push([options.headers.accept, response.headers.get("content-type")]);
    return response;
  };
  const client = new ApolloClient({
    link: new HttpLink({ uri, fetch: fetch_ }),
    cache: newCache(),
    incrementalHandler,
  });
  const states = [];
  await new Promise((resolve, reject) => {
    client.watchQuery({ query: DEFER }).subscribe({
      next: ({ dataState, loading, data }) => {
        if (loading) return;
        states.push({ dataState, dagId: data.dag?.dagId });
        if (dataState === "complete") resolve();
      },
      error: reject,
    });
  });
  return { states, answers };
};

const batched = async () => {
  const bodies = [];
  const fetch_ = (address, options) => {
    bodies.push(JSON.parse(options.body).length);
    return fetch(address, options);
  };
  const link = new BatchHttpLink({ uri, fetch: fetch_, batchMax: 3, batchInterval: 1000 });
  const client = newClient(link);
  const answers = await Promise.all(
    ["fx_texts", "fx_chain", "nothing"].map((dagId) =>
      client.query({ query: DAG, variables: { dagId } }),
    ),
  );
  return { bodies, dagIds: answers.map(({ data }) => data.dag?.dagId ?? null) };
};

const found = {
  normalised: await normalised(),
  pages: await pages(),
  persistedByPost: await persisted(false, "ByPost"),
  persistedByGet: await persisted(true, "ByGet"),
  whole: await failure(gql`{ nothing }`),
  partial: await failure(gql`{ asOf node(id: "nothing") { id } }`),
  deferred2022: await deferred(new Defer20220824Handler()),
  deferred2023: await deferred(new GraphQL17Alpha9Handler()),
  batched: await batched(),
};
console.log(JSON.stringify(found));
