// Prints, as JSON, what graphql-http's audit says of the server at an address.
import { serverAudits } from "graphql-http";

const audits = serverAudits({ url: process.argv[2] });
const results = await Promise.all(audits.map(({ fn }) => fn()));
const found = results.map(({ id, name, status, reason }) => ({ id, name, status, reason }));
console.log(JSON.stringify(found));
