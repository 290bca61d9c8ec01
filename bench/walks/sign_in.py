"""The page where one signs in, and out."""

from __future__ import annotations

import json

from bench.walks.group import Group
from bench.walks.walk import WAIT_MS, Walk, must


async def somebody_errs_in_the_password_and_is_told(walk: Walk) -> None:
    with walk.watch.expecting("401 POST auth/login/"):
        await walk.goes_to("/login")
        async with walk.page.expect_response("**/auth/login/", timeout=WAIT_MS) as answered:
            await _fills_in(walk, "not the pass phrase")
        answer = await answered.value
        must(answer.status == 401, f"it is answered {answer.status}")
        told = json.loads(await answer.text())
        await walk.sees(told["detail"])
        await walk.path_is("/login")


async def signs_in_with_name_and_password(walk: Walk) -> None:
    await walk.goes_to("/login")
    await _fills_in(walk, walk.password)
    await walk.page.wait_for_function("() => !location.pathname.startsWith('/login')", timeout=WAIT_MS)
    kept = json.loads(await walk.page.evaluate("() => localStorage.getItem('auth-storage')"))
    must(kept["state"]["isAuthenticated"] and kept["state"]["token"], f"nobody is signed in: {kept['state']['user']}")


async def comes_again_and_is_still_signed_in(walk: Walk) -> None:
    await walk.goes_to("/inbox/whatsapp")
    await walk.sees(walk.page.get_by_placeholder("Buscar conversa..."))
    await walk.path_is("/inbox/whatsapp")


async def _fills_in(walk: Walk, password: str) -> None:
    await walk.page.locator("input[type=email]").fill(walk.operator)
    await walk.page.locator("input[type=password]").fill(password)
    await walk.page.locator("button[type=submit]").click()


GROUP = Group(
    name="sign-in",
    signed_in=False,
    steps=(
        somebody_errs_in_the_password_and_is_told,
        signs_in_with_name_and_password,
        comes_again_and_is_still_signed_in,
    ),
)
