"""contact export | erase | opt-out | merge | traces: what is known of somebody is given to them, deleted,
put together with what is known of another who is the same, and looked for; and whether
they may be written to unasked."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path
from typing import Any

from app import traces, wiring
from app.cli import path_of
from app.commands import add_json, print_json, with_house
from app.traces import Traces
from conversation.contact import ContactId
from conversation.errors import BadInput, BatonError, NotFound
from conversation.opt_outs import By
from runtime import exporting, merging
from store import deletion_requests, erasing, opt_outs, scrubbing
from store import exporting as rows
from store.deeds import Deed, doing
from store.merging import Done
from store.tracing import Sought

#: A database file of this size is written anew within seconds, so it is done without being asked for. Above it others
#: might wait for longer than they are patient.
_SOON_WRITTEN_ANEW = 64_000_000
_CONTACT = "a contact's id, the conversation with them, or an address: a phone number, a PSID …"


class Found(BatonError):
    """There are traces; the exit code says so."""

    code = "found"


def register(commands: Any) -> None:
    about = "give, erase, merge or look for what is known of somebody"
    words = commands.add_parser("contact", help=about).add_subparsers(dest="word", metavar="WORD", required=True)
    export = words.add_parser("export", help="everything that is known of them; without --out as JSON, without files")
    export.add_argument("contact", metavar="CONTACT", help=_CONTACT)
    export.add_argument("--out", type=path_of, metavar="FILE.zip", help="with their files; readable by you alone")
    _add_as(export)
    export.set_defaults(run=_export)

    erase = words.add_parser("erase", help="deletes everything that is known of them, for good")
    erase.add_argument("contact", metavar="CONTACT", help=_CONTACT)
    erase.add_argument("--yes", action="store_true", help="do not ask")
    erase.add_argument("--vacuum", action="store_true", help="write a SQLite file anew, however large it is")
    erase.add_argument("--copies", action="store_true", help="remove the copies of the database beside it, too")
    erase.add_argument("--request", metavar="CODE", help="the wish, of those that Meta hands on, that this fulfils")
    _add_as(erase)
    add_json(erase)
    erase.set_defaults(run=_erase)

    merge = words.add_parser("merge", help="two are one customer: the one known longer goes on with all that both have")
    merge.add_argument("contact", metavar="CONTACT", help=_CONTACT)
    merge.add_argument("other", metavar="OTHER", help="the same, of the other one")
    _add_as(merge)
    add_json(merge)
    merge.set_defaults(run=_merge)

    wanted = words.add_parser("opt-out", help="they want nothing that they did not ask for; --back: they do again")
    wanted.add_argument("contact", metavar="CONTACT", help=_CONTACT)
    wanted.add_argument("--back", action="store_true", help="they take it back")
    _add_as(wanted)
    wanted.set_defaults(run=_opt_out)

    found = words.add_parser("traces", help="where anything of them, or any of these words, stands; exit code 1 if so")
    found.add_argument("words", nargs="*", metavar="CONTACT|WORD", help=_CONTACT + "; or any word")
    found.add_argument("--save", type=path_of, metavar="FILE", help="write down what is looked for, to look once more")
    found.add_argument("--from", dest="source", type=path_of, metavar="FILE", help="look for what was saved there")
    add_json(found)
    found.set_defaults(run=_traces)


def _add_as(parser: Any) -> None:
    parser.add_argument("--as", dest="by", default="command line", metavar="NAME", help="who does it")


def _opt_out(chosen: argparse.Namespace) -> None:
    async def work(house: wiring.House) -> str:
        contact, now = ContactId(await _the_one(house, chosen.contact)), house.clock.now()
        facts = {"contact_id": contact, "opted_out": not chosen.back}
        with doing(Deed(by=chosen.by, action="opt_out", at=now, facts=facts)):
            if chosen.back:
                await house.db.write(opt_outs.back, contact, now, now)
            else:
                await house.db.write(opt_outs.out, contact, By.OPERATOR, now, now)
        return contact

    contact = with_house(work)
    print(f"{contact} " + ("may be written to again." if chosen.back else "is sent nothing unasked from now on."))


def _export(chosen: argparse.Namespace) -> None:
    async def work(house: wiring.House) -> tuple[dict[str, Any], int]:
        contact = await _the_one(house, chosen.contact)
        deed = Deed(by=chosen.by, action="export_contact", at=house.clock.now(), facts={"contact_id": contact})
        with doing(deed):
            await house.db.write(lambda tx: None)
        facts = await house.db.read(rows.of_contact, contact)
        if chosen.out is None:
            return facts, 0
        return facts, await asyncio.to_thread(exporting.write, chosen.out, facts, house.media_folder)

    facts, count = with_house(work)
    if chosen.out is None:
        print(exporting.as_json(facts).decode())
    else:
        print(f"{chosen.out}: {len(facts['messages'])} message(s), {count} file(s).")


def _erase(chosen: argparse.Namespace) -> None:
    async def work(house: wiring.House) -> tuple[str, Traces, list[Path]]:
        contact = await _the_one(house, chosen.contact)
        wanted = await traces.sought(house, [contact])
        if not chosen.yes:
            await asyncio.to_thread(_ask, contact)
        request = await _request(house, chosen.request)
        deed = Deed(by=chosen.by, action="erase_contact", at=house.clock.now(), facts={"contact_id": contact})
        with doing(deed):
            await house.erasing.erase(contact, by=chosen.by, request=request)
        copies = await asyncio.to_thread(traces.remove_copies, house) if chosen.copies else []
        await _out_of_the_file(house, wanted, chosen.vacuum)
        return contact, await traces.search(house, wanted), copies

    contact, left, copies = with_house(work)
    if chosen.json:
        print_json({"contact": contact, "copies_removed": [str(each) for each in copies], **_facts(left)})
    else:
        print(f"{contact} is erased." + (f" Removed {len(copies)} copy(ies)." if copies else ""))
        _show(left)
    _say_if_any(left)


def _merge(chosen: argparse.Namespace) -> None:
    async def work(house: wiring.House) -> Done:
        one, other = await _the_one(house, chosen.contact), await _the_one(house, chosen.other)
        now = house.clock.now()
        deed = Deed(by=chosen.by, action="merge_contacts", at=now)

        def merge(tx: Any) -> Done:
            done = merging.by_hand(tx, one, other, by=chosen.by, now=now)
            deed.facts = merging.facts_of(done)
            return done

        with doing(deed):
            return await house.db.write(merge)

    done = with_house(work)
    if chosen.json:
        print_json(merging.facts_of(done))
    else:
        print(f"{done.contact_was} is {done.contact} now.")


async def _out_of_the_file(house: wiring.House, wanted: Sought, anyway: bool) -> None:
    """What was deleted before deleted meant overwritten is still in a SQLite file: then it is written anew."""
    database = scrubbing.file_of(house.db)
    if database is None:
        return
    left = await traces.search(house, wanted)
    is_in_it = str(database) in left.files
    if anyway or (is_in_it and database.stat().st_size <= _SOON_WRITTEN_ANEW):
        await asyncio.to_thread(scrubbing.write_anew, house.db)
    elif is_in_it:
        print(f"{database} holds remains of what was deleted: --vacuum writes it anew.", file=sys.stderr)


def _ask(contact: str) -> None:
    if not sys.stdin.isatty():
        raise BadInput("Nobody is there to be asked: say --yes.")
    print(
        f"Everything that is known of {contact} will be deleted, for good. Type the id to go on: ", end="", flush=True
    )
    if sys.stdin.readline().strip() != contact:
        raise BadInput("Nothing was deleted.")


async def _request(house: wiring.House, code: str | None) -> int | None:
    if code is None:
        return None
    if await house.db.read(deletion_requests.find, code) is None:
        raise NotFound(f"There is no request {code}.")
    return deletion_requests.number_of(code)


async def _the_one(house: wiring.House, word: str) -> str:
    found = await house.db.read(erasing.contact_named, word)
    if not found:
        raise NotFound(f"There is no contact {word}.")
    if len(found) > 1:
        raise BadInput(f"{word} is known on several accounts; say whom: {', '.join(found)}.")
    return found[0]


def _traces(chosen: argparse.Namespace) -> None:
    if not chosen.words and chosen.source is None:
        raise BadInput("Say whom or what to look for.")

    async def work(house: wiring.House) -> Traces:
        wanted = await traces.sought(house, chosen.words)
        if chosen.source is not None:
            saved = await asyncio.to_thread(traces.load, chosen.source)
            wanted = Sought(ids=(*wanted.ids, *saved.ids), words=(*wanted.words, *saved.words))
        if chosen.save is not None:
            await asyncio.to_thread(traces.save, chosen.save, wanted, house.settings)
        return await traces.search(house, wanted)

    found = with_house(work)
    if chosen.json:
        print_json(_facts(found))
    else:
        _show(found)
    _say_if_any(found)


def _facts(found: Traces) -> dict[str, Any]:
    return {"tables": found.tables, "files": found.files, "kept": found.kept, "unread": found.unread}


def _show(found: Traces) -> None:
    for where, count in sorted({**found.tables, **found.files}.items()):
        print(f"{count:6}  {where}")
    for where, count in sorted(found.kept.items()):
        print(f"{count:6}  {where}  (ids, kept: who did what)")
    for path in found.unread:
        print(f"     ?  {path}  (packed: not looked into)")
    if not found.total:
        print("No traces.")


def _say_if_any(found: Traces) -> None:
    if found.total:
        raise Found(f"Found {found.total} trace(s).")
