"""Ground floor: Airflow's metadata database; nothing of GraphQL or HTTP."""
