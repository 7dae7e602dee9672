// PostGraphile on Airflow's tables, as its Amber preset exposes them.
import { makePgService } from "postgraphile/adaptors/pg";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";
import { jsonPgSmartTags } from "postgraphile/utils";

// Airflow's database lets a run outlive its DAG: the relation is told here.
const relations = jsonPgSmartTags({
  version: 1,
  config: {
    class: {
      dag_run: { tags: { foreignKey: "(dag_id) references dag (dag_id)" } },
    },
  },
});

export default {
  extends: [PostGraphileAmberPreset],
  plugins: [relations],
  pgServices: [
    makePgService({
      connectionString: process.env.DATABASE_URL,
      poolConfig: { max: 5 },
    }),
  ],
  grafserv: {
    host: "127.0.0.1",
    port: Number(process.env.PORT),
    graphiql: false,
    watch: false,
  },
  grafast: { explain: false },
};
