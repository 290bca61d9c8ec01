"""/agents/ and /agents/agents/: the seed has its prefix twice"""

from __future__ import annotations

from typing import Any

from bench.dashboards import objects
from bench.dashboards.given import SECRET, Given, id_of
from bench.dashboards.kinds import array, either, envelope, map_of, more, of, one_of, text
from bench.dashboards.page import Answer
from bench.dashboards.rows import both, must

PREFIXES = ("/agents", "/agents/agents")
_FORM = {
    "name": "{new_name}",
    "description": "",
    "provider": "openai",
    "model_name": "gpt-4o-mini",
    "base_url": "",
    "temperature": 0.7,
    "max_tokens": 1000,
    "timeout": 30,
    "system_prompt": "You answer shortly.",
    "context_prompt": "",
    "status": "draft",
    "use_memory": True,
    "memory_ttl": 3600,
    "accounts": [],
    "api_key": f"{SECRET}-key",
}
_OWN = "{agent}"


async def _shows(given: Given, answer: Answer) -> None:
    """The page goes to the new one."""
    shown = await given.page.ask("GET", f"/agents/{id_of(answer)}/")
    must(shown.status == 200, f"the new one is answered {shown}")
    for complaint in objects.AGENT_DETAIL(shown.body, "answer"):
        must(False, complaint)
    must(shown.body["system_prompt"] == _FORM["system_prompt"], "its prompt is another one")
    must("api_key" not in shown.body, "the field api_key is shown")


async def _is_off(given: Given, answer: Answer) -> None:
    """And the assistant with it; and on again."""
    agent = await given.get("agent")
    must(not await given.is_answered_to("are you off?"), "the assistant answers while its agent is off")
    shown = await given.page.ask("GET", f"/agents/{agent}/")
    must(shown.body["status"] == "inactive", f"then its status is {shown.body['status']}")
    on = await given.page.ask("PATCH", f"/agents/{agent}/", {"status": "active"})
    must(on.status == 200 and on.body["status"] == "active", f"switched on it is {on}")
    talk = await given.get("talk")
    await given.page.ask("POST", f"/conversations/{talk}/switch_to_auto/")
    must(await given.is_answered_to("are you on?"), "the assistant does not answer when its agent is on again")


async def _is_edited(given: Given, answer: Answer) -> None:
    must(answer.body["context_prompt"] == "Be kind.", f"context_prompt is {answer.body['context_prompt']!r}")
    must(answer.body["id"] == await given.get("idle_agent"), "it has another id")


async def _is_gone(given: Given, answer: Answer) -> None:
    shown = await given.page.ask("GET", f"/agents/{await given.get('idle_agent')}/")
    must(shown.status == 404, f"it is still there: {shown}")


async def _has_the_talk(given: Given, answer: Answer) -> None:
    must(len(answer.results) >= 1 and answer.results[0]["message_count"] >= 1, f"its talks are {answer}")


async def _page_loads(given: Given, answer: Answer) -> None:
    """Detail, figures and talks together: one failure says that there is no such agent."""
    agent = await given.get("agent")
    for tail in ("stats/", "conversations/"):
        found = await given.page.ask("GET", f"/agents/{agent}/{tail}")
        must(found.status == 200, f"{tail} beside it is {found}")


def _listed(kind: Any, **same: Any) -> Any:
    return either(envelope(kind, **same), array(kind, **same))


_TEST = {"message": "hello", "session_id": "bench-{new_name}", "context": {"test": True}}
_SESSIONS = ("/agents/conversations/{session}",)
_MEMORY = of(success=one_of(True))

ROWS = (
    *both("GET */", *PREFIXES, mark="R", shape=_listed(objects.AGENT)),
    *both("POST */", *PREFIXES, mark="C", body=_FORM, status=(200, 201), shape=objects.AGENT, then=_shows),
    *both(f"GET */{_OWN}/", *PREFIXES, mark="R", shape=objects.AGENT_DETAIL, then=_page_loads),
    *both(
        f"PATCH */{_OWN}/",
        *PREFIXES,
        mark="R",
        body={"status": "inactive"},
        shape=more(objects.AGENT_DETAIL, status=one_of("inactive")),
        then=_is_off,
    ),
    *both(
        "PATCH */{idle_agent}/",
        *PREFIXES,
        mark="C",
        body={"context_prompt": "Be kind.", "api_key": "", "accounts": []},
        shape=objects.AGENT_DETAIL,
        then=_is_edited,
    ),
    *both("DELETE */{idle_agent}/", *PREFIXES, mark="C", status=(204,), then=_is_gone),
    *both(f"GET */{_OWN}/stats/", *PREFIXES, mark="R", shape=objects.AGENT_STATS),
    *both(f"GET */{_OWN}/conversations/", *PREFIXES, mark="R", shape=_listed(objects.AGENT_TALK), then=_has_the_talk),
    *both(f"POST */{_OWN}/process/", *PREFIXES, mark="R", body=_TEST, shape=objects.PROCESSED),
    *both(
        "GET */provider_config/",
        *PREFIXES,
        mark="C",
        shape=map_of(of(base_url=text, model_name=text, api_style=text)),
    ),
    *both("GET */", *_SESSIONS, mark="L", shape=of(id=text, session_id=text)),
    *both("GET */history/", *_SESSIONS, mark="L", shape=_listed(objects.AGENT_LINE)),
    *both("POST */clear_memory/", *_SESSIONS, mark="L", shape=_MEMORY),
)
