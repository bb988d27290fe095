"""Vacancies are found by their words, and by their closing date, without reading all of them.

SQLite: a full-text index of three letters at a time, kept by triggers, so that any part of a title or reference is
found. PostgreSQL: full text by the beginnings of words.

Revision: 0029, after 0028
"""

from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

WORDS = "regexp_replace(title || ' ' || reference, '[^[:alnum:]]+', ' ', 'g')"


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        upgrade_sqlite()
    else:
        op.execute(f"CREATE INDEX ix_vacancy_search ON vacancy USING gin (to_tsvector('simple', {WORDS}))")
    op.create_index("ix_vacancy_closes_on", "vacancy", ["closes_on"], unique=False)
    op.create_index("ix_vacancy_flag", "vacancy", ["flag", "rule_version", "posted_on"], unique=False)


def upgrade_sqlite() -> None:
    # A row of its own for each vacancy: its number never changes, not even when the file is vacuumed.
    op.execute(
        "CREATE TABLE vacancy_words (id INTEGER PRIMARY KEY, vacancy_id CHAR(32) NOT NULL UNIQUE, words TEXT NOT NULL)"
    )
    op.execute(
        "CREATE VIRTUAL TABLE vacancy_search USING fts5(words, content='vacancy_words', content_rowid='id', "
        "tokenize='trigram', detail='full')"
    )
    op.execute(
        "INSERT INTO vacancy_words (vacancy_id, words) SELECT id, title || char(10) || reference FROM vacancy ORDER BY id"
    )
    op.execute("INSERT INTO vacancy_search (rowid, words) SELECT id, words FROM vacancy_words")
    op.execute(
        "CREATE TRIGGER vacancy_words_add AFTER INSERT ON vacancy BEGIN "
        "INSERT INTO vacancy_words (vacancy_id, words) VALUES (NEW.id, NEW.title || char(10) || NEW.reference); END"
    )
    op.execute(
        "CREATE TRIGGER vacancy_words_change AFTER UPDATE OF title, reference ON vacancy "
        "WHEN NEW.title IS NOT OLD.title OR NEW.reference IS NOT OLD.reference BEGIN "
        "UPDATE vacancy_words SET words = NEW.title || char(10) || NEW.reference WHERE vacancy_id = NEW.id; END"
    )
    op.execute(
        "CREATE TRIGGER vacancy_words_remove AFTER DELETE ON vacancy BEGIN "
        "DELETE FROM vacancy_words WHERE vacancy_id = OLD.id; END"
    )
    forget = "INSERT INTO vacancy_search (vacancy_search, rowid, words) VALUES ('delete', OLD.id, OLD.words);"
    learn = "INSERT INTO vacancy_search (rowid, words) VALUES (NEW.id, NEW.words);"
    op.execute(f"CREATE TRIGGER vacancy_search_add AFTER INSERT ON vacancy_words BEGIN {learn} END")
    op.execute(f"CREATE TRIGGER vacancy_search_change AFTER UPDATE ON vacancy_words BEGIN {forget} {learn} END")
    op.execute(f"CREATE TRIGGER vacancy_search_remove AFTER DELETE ON vacancy_words BEGIN {forget} END")


def downgrade() -> None:
    op.drop_index("ix_vacancy_flag", "vacancy")
    op.drop_index("ix_vacancy_closes_on", "vacancy")
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP INDEX ix_vacancy_search")
        return
    for name in ("add", "change", "remove"):
        op.execute(f"DROP TRIGGER vacancy_words_{name}")
    op.execute("DROP TABLE vacancy_words")
    op.execute("DROP TABLE vacancy_search")
