"""An Airflow dag file that cannot be imported."""

from __future__ import annotations

from _compat import dag

dag("fx_broken")
message = "this file is broken on purpose: Größe"
raise RuntimeError(message)
