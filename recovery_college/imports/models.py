"""A file that was uploaded and waits to be checked and imported."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from recovery_college.kernel.db import Base, Moment
from recovery_college.kernel.ids import new_id


class ImportUpload(Base):
    """One uploaded table: the file itself lies in storage under `storage_key`, its name is only shown."""

    __tablename__ = "import_upload"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(String(40))
    file_name: Mapped[str] = mapped_column(String(255))
    storage_key: Mapped[str] = mapped_column(String(200))
    options: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    uploaded_by: Mapped[str] = mapped_column(String(80), index=True)
    uploaded_at: Mapped[datetime] = mapped_column(Moment)
    report: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    done_at: Mapped[datetime | None] = mapped_column(Moment)


class ImportSource(Base):
    """A system that files of a kind come from: which of its columns is which of ours, remembered by its name."""

    __tablename__ = "import_source"
    __table_args__ = (UniqueConstraint("kind", "name_key"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(80))
    name_key: Mapped[str] = mapped_column(String(80))
    columns: Mapped[dict[str, Any]] = mapped_column(JSON)
    made_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)


class ImportAttempt(Base):
    """One file of a source: what its check found and, once it was imported, what that did. The file is not kept."""

    __tablename__ = "import_attempt"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    source_id: Mapped[UUID] = mapped_column(ForeignKey("import_source.id", ondelete="RESTRICT"), index=True)
    upload_id: Mapped[UUID | None] = mapped_column(index=True)
    at: Mapped[datetime] = mapped_column(Moment)
    imported_at: Mapped[datetime | None] = mapped_column(Moment)
    file_name: Mapped[str] = mapped_column(String(255))
    created: Mapped[int] = mapped_column(default=0)
    updated: Mapped[int] = mapped_column(default=0)
    unchanged: Mapped[int] = mapped_column(default=0)
    refused: Mapped[int] = mapped_column(default=0)
    trouble: Mapped[str] = mapped_column(String(500), default="")
