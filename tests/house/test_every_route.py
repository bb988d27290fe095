"""Every route once on PostgreSQL, for somebody whom it lets in: the answer is the one agreed for SQLite."""

from tests.house.test_access_matrix import agreed, ask, cell_of, plausible, rows_of
from tests.house.world import WHO, World


def test_every_route_answers_as_on_sqlite(world: World) -> None:
    found, asked = [], 0
    cells = agreed()
    for rule, method in rows_of(world):
        row = cells[rule.rule, method]
        who = next((who for who in reversed(WHO) if row[who] in ("200", "303")), None)
        if who is None:
            continue
        data = plausible(world, rule)[who] if method != "GET" else {}
        client, answer = ask(world, rule, method, who, data)
        if (cell := cell_of(client, answer)) != row[who]:
            found.append(f"{method} {rule.rule} for {who}: {row[who]} was agreed, {cell} it is")
        answer.close()
        asked += 1
        if method != "GET":
            world.refresh()
    assert found == []
    assert asked > len(cells) * 0.9
