"""Side room: what is selected, and which columns that needs. Knows GraphQL only."""
