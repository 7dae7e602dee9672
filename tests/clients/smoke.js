// Prints, as JSON, the answers of urql and graphql-request from the server at an address.
import { cacheExchange, createClient, fetchExchange } from "@urql/core";
import { GraphQLClient } from "graphql-request";

const url = process.argv[2];
const query = "query Dag($dagId: ID!) { dag(dagId: $dagId) { dagId displayName } }";
const variables = { dagId: "fx_texts" };

const urql = createClient({
  url,
  exchanges: [cacheExchange, fetchExchange],
  preferGetMethod: false,
});
const { data, error } = await urql.query(query, variables).toPromise();
if (error) throw error;
const request = await new GraphQLClient(url).request(query, variables);
console.log(JSON.stringify({ urql: data.dag, request: request.dag }));
