"""Making an engagement's pack beside the pages, and taking it away again when its time is over (A11)."""

import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from sqlalchemy import func, or_, select, update

from recovery_college.access.rules import Actor, Permission, Role, may
from recovery_college.access.starter import Starter
from recovery_college.assessment.engagement_models import EqaPack, EqaPackEvidence
from recovery_college.assessment.engagement_rules import EngagementState
from recovery_college.assessment.evidence_list import stored_key
from recovery_college.assessment.evidence_queries import EvidenceItem
from recovery_college.assessment.models import EqaEngagement
from recovery_college.audit.rules import Event
from recovery_college.audit.services import event_of, record, record_many
from recovery_college.kernel import clock
from recovery_college.kernel.db import aside, session, transaction
from recovery_college.kernel.pdf import pdf_maker
from recovery_college.kernel.running_app import the_settings, the_storage
from recovery_college.kernel.storage import StorageMissing, new_key
from recovery_college.kernel.wording import moment
from recovery_college.quality.engagement_queries import VIEWED, EngagementRow, engagement_visible_to, picks_of
from recovery_college.quality.engagement_services import EngagementRefused, NoSuchEngagement
from recovery_college.quality.pack_document import pack_document
from recovery_college.quality.pack_queries import (
    PackFacts,
    PackRow,
    Piece,
    engagement_of,
    facts_of,
    opened_pieces,
    packed_evidence,
    pieces_of,
    portfolios_of,
    still_opens,
)

PLACE = "packs"
PAPER = "pack.pdf"
LEFT_ALONE = timedelta(minutes=2)
"""A making that nobody has gone on with for so long was lost with its worker."""
A_DAY = timedelta(days=1)
BROKE = "The pack could not be made. Start it again; if that does not help, tell the administrator"
OVER = "The engagement ended before the pack was made"
UNTIMED = (1980, 1, 1, 0, 0, 0)


def start_pack(actor: Actor, engagement_id: UUID) -> UUID:
    """The making that is under way, if there is one (double click), or a new one. Returns its id."""
    with transaction() as s:
        if not may(actor, Permission.PACK_MAKE):
            raise NoSuchEngagement
        s.execute(select(EqaEngagement.id).where(EqaEngagement.id == engagement_id).with_for_update())
        engagement = engagement_visible_to(actor, engagement_id)
        if engagement is None:
            raise NoSuchEngagement
        if engagement.state is not EngagementState.OPEN:
            raise EngagementRefused("The pack can be made while the engagement is open")
        under_way = s.scalar(
            select(EqaPack.id).where(EqaPack.engagement_id == engagement_id, EqaPack.finished_at.is_(None))
        )
        if under_way is not None:
            return under_way
        pack = EqaPack(
            engagement_id=engagement_id, started_by=actor.audit_id, started_role=actor.role.value,
            started_at=clock.now(), total=max(1, len(portfolios_of(engagement))),
        )  # fmt: skip
        s.add(pack)
        s.flush()
        record(s, actor, "started pack", "engagement", engagement_id, pack=str(pack.id), total=pack.total)
        return pack.id


def make_pack(pack_id: UUID) -> None:
    """Make a pack from its start to its end. Twice, or at once, leaves one whole file: who is later gives way."""
    pack = session().get(EqaPack, pack_id, populate_existing=True)
    if pack is None or pack.finished_at is not None:
        return
    engagement = engagement_of(pack_id)
    if engagement is None:
        _give_up(pack_id, OVER)
        return
    _move(pack_id, 0)
    try:
        with tempfile.TemporaryDirectory(prefix="pack-", dir=_workshop()) as folder:
            path = Path(folder) / "pack.zip"
            packed = _write(pack_id, engagement, path)
            key = new_key(PLACE, ".zip")
            the_storage().put_file(key, path)
            size = path.stat().st_size
    except Exception:
        # Whatever it was, the next try would meet it again. A worker that is killed is none, and is taken up again.
        _give_up(pack_id, BROKE)
        raise
    if not _finish(pack_id, engagement, key, size, packed):
        the_storage().delete(key)
        return
    _withdraw_others(engagement.id, pack_id)


def _workshop() -> Path:
    """Where the file grows: beside the data, as a machine's temporary folder may be its memory."""
    folder = the_settings().data_dir / "tmp"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def _write(pack_id: UUID, engagement: EngagementRow, path: Path) -> list[UUID]:
    """Write the ZIP, one file of evidence after the other. Returns the pieces that are in it."""
    facts = facts_of(engagement)
    boards = {part.cohort.id: part.board for part in facts.cohorts}
    pieces = {
        one.place.enrolment_id: pieces_of(engagement, one, boards[one.place.cohort_id])
        for one in facts.portfolios
    }
    packed: list[UUID] = []
    with zipfile.ZipFile(path, "x", zipfile.ZIP_DEFLATED) as pack:
        _add(pack, PAPER, iter([_paper(facts, pieces)]), squeeze=False)
        for count, portfolio in enumerate(facts.portfolios, 1):
            for piece, item in opened_pieces(engagement, portfolio, boards[portfolio.place.cohort_id]):
                if item is not None and piece.names:
                    _add_piece(pack, piece, item)
                    packed.append(piece.id)
                    session().rollback()
                    _move(pack_id, count - 1)  # one student's films take their time: still at work
            session().rollback()
            _move(pack_id, count)
    return packed


def _paper(facts: PackFacts, pieces: dict[UUID, list[Piece]]) -> bytes:
    settings = the_settings()
    document = pack_document(facts, pieces, settings.college_name, settings.org_name, clock.now())
    return pdf_maker().render_readable(document)


def _add_piece(pack: zipfile.ZipFile, piece: Piece, item: EvidenceItem) -> None:
    words, *files = piece.names
    _add(pack, words, iter([_words(piece, item).encode()]))
    for name, file in zip(files, item.files, strict=True):
        key = stored_key(item.id, file.id)
        try:
            content = the_storage().stream(key) if key else iter([b""])
        except StorageMissing:
            content = iter([b""])
            name = f"{name}.missing"
        # Pictures, papers and films are squeezed already.
        _add(pack, name, content, squeeze=file.media.startswith("text/"))


def _add(pack: zipfile.ZipFile, name: str, content: Iterator[bytes], *, squeeze: bool = True) -> None:
    entry = zipfile.ZipInfo(name, UNTIMED)
    entry.compress_type = zipfile.ZIP_DEFLATED if squeeze else zipfile.ZIP_STORED
    entry.external_attr = 0o600 << 16
    with pack.open(entry, "w", force_zip64=True) as out:
        for piece in content:
            out.write(piece)


def _words(piece: Piece, item: EvidenceItem) -> str:
    """What a piece says, as a text of its own. The student is named nowhere in it but by what was typed."""
    lines = [item.title, "", f"{piece.kind.capitalize()}, for {', '.join(piece.criteria)}, {piece.unit}"]
    lines.append(f"Handed in: {moment(item.handed_in_at)}")
    if item.ai_use:
        lines.append(f"Use of AI: {item.ai_use.value}{': ' + item.ai_note if item.ai_note else ''}")
    if item.link:
        lines.append(f"Link: {item.link}")
    return "\n".join([*lines, "", item.body, ""])


def _move(pack_id: UUID, done: int) -> None:
    with transaction() as s:
        s.execute(
            update(EqaPack)
            .where(EqaPack.id == pack_id, EqaPack.finished_at.is_(None))
            .values(done=done, moved_at=clock.now())
            .execution_options(synchronize_session=False)
        )


def _give_up(pack_id: UUID, why: str) -> None:
    session().rollback()
    with transaction() as s:
        s.execute(
            update(EqaPack)
            .where(EqaPack.id == pack_id, EqaPack.finished_at.is_(None))
            .values(finished_at=clock.now(), moved_at=None, trouble=why)
            .execution_options(synchronize_session=False)
        )


def _finish(pack_id: UUID, engagement: EngagementRow, key: str, size: int, packed: Sequence[UUID]) -> bool:
    """Say that the file is there, unless somebody else has said so meanwhile."""
    with transaction() as s:
        found = s.execute(
            update(EqaPack)
            .where(EqaPack.id == pack_id, EqaPack.finished_at.is_(None))
            .values(done=EqaPack.total, finished_at=clock.now(), moved_at=None, storage_key=key, size=size)
            .execution_options(synchronize_session=False)
        )
        if not found.rowcount:  # type: ignore[attr-defined]
            return False
        s.add_all(EqaPackEvidence(pack_id=pack_id, evidence_id=one) for one in packed)
        pack = s.get_one(EqaPack, pack_id, populate_existing=True)
        starter = Starter(pack.started_by, Role(pack.started_role))
        events = [
            event_of(starter, "packed", "evidence", one, pack=str(pack_id), engagement=str(engagement.id))
            for one in packed
        ]
        made = event_of(
            starter,
            "made pack",
            "engagement",
            engagement.id,
            pack=str(pack_id),
            pieces=len(packed),
            size=size,
        )
        record_many(s, [*events, made])
    return True


def _withdraw_others(engagement_id: UUID, but: UUID) -> None:
    earlier = select(EqaPack.id).where(
        EqaPack.engagement_id == engagement_id, EqaPack.id != but, EqaPack.storage_key != ""
    )
    for one in session().scalars(earlier).all():
        _remove(one)


def _remove(pack_id: UUID) -> None:
    """Delete the file, then forget where it was: in this order nothing is left that nobody knows of."""
    key = session().scalar(select(EqaPack.storage_key).where(EqaPack.id == pack_id))
    if key:
        the_storage().delete(key)
        with transaction() as s:
            s.execute(
                update(EqaPack)
                .where(EqaPack.id == pack_id)
                .values(storage_key="", size=0)
                .execution_options(synchronize_session=False)
            )


def lost_packs() -> list[UUID]:
    """The makings that nobody is working on."""
    since = clock.now() - LEFT_ALONE
    statement = select(EqaPack.id).where(
        EqaPack.finished_at.is_(None), func.coalesce(EqaPack.moved_at, EqaPack.started_at) < since
    )
    found = list(session().scalars(statement))
    session().rollback()
    return found


def remove_closed_packs() -> None:
    """Delete packs whose engagement is over or that hold what may be seen no more, and files nobody knows of."""
    today = clock.today()
    rows = session().execute(
        select(
            EqaPack.id,
            EqaEngagement.person_id,
            or_(EqaEngagement.ended_at.is_not(None), EqaEngagement.ends_on < today),
        )
        .join(EqaEngagement, EqaPack.engagement_id == EqaEngagement.id)
        .where(EqaPack.storage_key != "")
    ).all()  # fmt: skip
    for pack_id, person_id, is_over in rows:
        if is_over or not still_opens(pack_id, person_id):
            _remove(pack_id)
    _remove_strays(clock.now() - A_DAY)


def _remove_strays(before: datetime) -> None:
    """A worker that died between the file and its row leaves a file; a write cut short leaves a part of one."""
    known = set(session().scalars(select(EqaPack.storage_key).where(EqaPack.storage_key != "")))
    session().rollback()
    for key, at in list(the_storage().listed(PLACE)):
        if key not in known and at < before:
            the_storage().delete(key)


def opened_pack(actor: Actor, engagement: EngagementRow, pack: PackRow) -> Iterator[bytes]:
    """The file, piece by piece, with a record of each piece of evidence and each pick that is looked at by it."""
    content = the_storage().stream(pack.storage_key)
    events: list[Event] = [
        event_of(actor, "viewed", "evidence", one, pack=str(pack.id)) for one in packed_evidence(pack.id)
    ]
    if actor.role is Role.EQA:
        events += [
            event_of(
                actor, "viewed", VIEWED, one.id, enrolment=str(one.enrolment_id), unit=str(one.unit_id),
                pack=str(pack.id),
            )
            for one in picks_of(engagement.id)
        ]  # fmt: skip
    events.append(event_of(actor, "exported", "eqa_pack", pack.id, engagement=str(engagement.id)))
    with aside() as s:
        record_many(s, events)
    return content
