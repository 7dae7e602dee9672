"""Airflow's tables as ORM objects, as far as the naive form needs them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Base(DeclarativeBase):
    """All of them."""


class DagRow(Base):
    """A DAG."""

    __tablename__ = "dag"

    dag_id: Mapped[str] = mapped_column(primary_key=True)
    dag_display_name: Mapped[str | None]
    is_paused: Mapped[bool]


class TagRow(Base):
    """A tag of a DAG."""

    __tablename__ = "dag_tag"

    name: Mapped[str] = mapped_column(primary_key=True)
    dag_id: Mapped[str] = mapped_column(primary_key=True)


class VersionRow(Base):
    """A version of a DAG."""

    __tablename__ = "dag_version"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    dag_id: Mapped[str]
    version_number: Mapped[int]


class SerializedRow(Base):
    """What a version of a DAG is made of."""

    __tablename__ = "serialized_dag"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    dag_id: Mapped[str]
    dag_hash: Mapped[str]
    data: Mapped[Any] = mapped_column(JSONB)
    dag_version_id: Mapped[UUID] = mapped_column(ForeignKey("dag_version.id"))
    version: Mapped[VersionRow] = relationship()


class RunRow(Base):
    """A run."""

    __tablename__ = "dag_run"

    id: Mapped[int] = mapped_column(primary_key=True)
    dag_id: Mapped[str]
    run_id: Mapped[str]
    run_type: Mapped[str]
    state: Mapped[str | None]
    logical_date: Mapped[datetime | None]
    run_after: Mapped[datetime]
    queued_at: Mapped[datetime | None]
    start_date: Mapped[datetime | None]
    end_date: Mapped[datetime | None]


class InstanceRow(Base):
    """A task instance."""

    __tablename__ = "task_instance"

    dag_id: Mapped[str] = mapped_column(primary_key=True)
    run_id: Mapped[str] = mapped_column(primary_key=True)
    task_id: Mapped[str] = mapped_column(primary_key=True)
    map_index: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str | None]
    start_date: Mapped[datetime | None]
    end_date: Mapped[datetime | None]
    try_number: Mapped[int]
