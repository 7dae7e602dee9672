"""The sample DAGs, by the teams of the company that they belong to."""
