"""Asks one row as its page would, and says what is not as the page needs it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

from bench.dashboards import readers
from bench.dashboards.given import SECRET, Given, Scene
from bench.dashboards.page import PATIENCE_S, Answer, Page, readable
from bench.dashboards.rows import NOTHING, Row, Unmet
from bench.harness.entry import CannotMeasure

#: Ids that nothing has. The second is none that anything could have.
_NOBODYS = ("00000000000000000000000000000000", "999999999999")


async def ask(scene: Scene, row: Row, secrets: list[str]) -> list[str]:
    """`secrets`: what must stand in no answer."""
    found: list[str] = []
    given = Given(scene, row.on)
    try:
        page: Page = scene.page if row.by is None else await given.get(row.by)
        page = page if row.signed_in else page.signed_out()
        if row.signed_in:
            found += [each async for each in _refusals(row, page)]
        answer = await _asked(row, given, page)
        found += [each async for each in _complaints(row, given, page, answer, secrets)]
        if row.then is not None and not found:
            await row.then(given, answer)
    except Unmet as unmet:
        found.append(str(unmet))
    except (CannotMeasure, RuntimeError) as none:
        found.append(f"what it is about could not be made: {none}")
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        found.append(f"what was asked beside it can't be read: {type(error).__name__} {error}")
    finally:
        await given.leave()
    return found


async def _asked(row: Row, given: Given, page: Page) -> Answer:
    path, query = await given.filled(row.path), await given.filled(dict(row.query))
    body = row.body if row.body is NOTHING else await given.filled(row.body)
    return await page.ask(row.method, path, body, query, row.upload)


async def _complaints(row: Row, given: Given, page: Page, answer: Answer, secrets: list[str]) -> AsyncIterator[str]:
    path = await given.filled(row.path)
    if (why := await page.may(row.method, path)) is not None:
        yield why
    if 300 <= answer.status < 400:
        yield f"it is redirected ({answer.status}): no browser follows after a preflight"
    if not readable(answer):
        yield "the browser keeps the answer from the page: no Access-Control-Allow-Origin"
    if answer.took_s > PATIENCE_S:
        yield f"it took {answer.took_s:.0f} s; the page has given up"
    shown = answer.raw.decode("utf-8", "replace")
    if any(word in shown for word in (SECRET, *secrets)):
        yield "a token or a key stands in the answer"
    if answer.status not in row.status:
        yield f"it is answered {answer}"
    elif answer.status >= 400:
        for reader in readers.unreadable(answer.body, path=row.path, is_one_word=row.one_word):
            yield f"no words for who reads it ({reader}): {answer}"
    elif answer.status != 204:
        for complaint in row.shape(answer.body, "answer"):
            yield complaint


async def _refusals(row: Row, page: Page) -> AsyncIterator[str]:
    """Signed out, and about what is not there."""
    body = {} if row.body is NOTHING or row.upload else _emptied(row.body)
    path = _about(row.path, _NOBODYS[0])
    answer = await page.signed_out().ask(row.method, path, body)
    for complaint in _refused(row, answer, (401,), "without a token"):
        yield complaint
    forged = await replace(page, token="no-token-of-ours").ask(row.method, path, body)
    for complaint in _refused(row, forged, (401,), "with a wrong token"):
        yield complaint
    if path == row.path or row.mark == "501":
        return
    for nobodys in _NOBODYS:
        answer = await page.ask(row.method, _about(row.path, nobodys), row.body if row.body is NOTHING else body)
        for complaint in _refused(row, answer, (404,), "about what is not there"):
            yield complaint


def _refused(row: Row, answer: Answer, statuses: tuple[int, ...], when: str) -> list[str]:
    if answer.status not in statuses:
        return [f"{when} it is answered {answer}"]
    unheard = readers.unreadable(answer.body, path=row.path, is_one_word=row.one_word)
    return [f"{when} no words for who reads it ({reader}): {answer}" for reader in unheard]


def _about(path: str, nobodys: str) -> str:
    """The path, with that in place of all that is given."""
    made = path
    while "{" in made:
        begins, ends = made.index("{"), made.index("}")
        made = made[:begins] + nobodys + made[ends + 1 :]
    return made


def _emptied(body: object) -> object:
    """A body that fits as well, about nothing: what is given is a name nobody has."""
    if isinstance(body, dict):
        return {name: _emptied(value) for name, value in body.items()}
    return _about(body, _NOBODYS[0]) if isinstance(body, str) else body
