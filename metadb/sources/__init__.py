"""What can be read of each table, and how each Airflow version spells it."""
