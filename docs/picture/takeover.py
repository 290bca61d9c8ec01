"""Makes takeover.png and takeover.pt-BR.png, the pictures in the README, from the running product.

    .venv/bin/python docs/picture/takeover.py

Needs the development packages (`./baton test` installs them), Chromium (BATON_CHROMIUM names one that is not on the
PATH), and fonts for text and emoji: `apt-get install chromium fonts-liberation fonts-noto-color-emoji` on Debian.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from playwright.sync_api import sync_playwright

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
ACCOUNT = "100000000000001"  # the number a first run makes


@dataclass(frozen=True, kw_only=True)
class Story:
    """What is said, in one language. A scene ends when the phone shows its last words."""

    language: str
    file: str
    name: str
    phone: str
    captions: tuple[tuple[str, str], tuple[str, str], tuple[str, str]]
    footer: str
    greeting: tuple[str, str]  # the customer's words, and the beginning of the answer
    question: tuple[str, str]
    complaint: tuple[str, str]
    yes: tuple[str, str]  # a button's title
    reply: str
    thanks: str
    later: tuple[str, str]


STORIES = (
    Story(
        language="en",
        file="takeover.png",
        name="Ben",
        phone="14155550123",
        captions=(
            ("The assistant answers", "A trained Rasa model writes."),
            ("A person takes over", "From that moment it is silent."),
            ("Given back, it goes on", "It knows what was said meanwhile."),
        ),
        footer="The phone page of ./baton run. Meta’s side is played by the emulator on this machine.",
        greeting=("Hi!", "Hello!"),
        question=("Do you deliver to Vila Nova?", "Yes, we deliver"),
        complaint=("My order came wrong", "I am very sorry"),
        yes=("Yes, call someone", "All right, I have called"),
        reply="Hi Ben, Marina here. So sorry! The right pizza leaves in five minutes, on us. 🍕",
        thanks="Wow, thank you Marina!",
        later=("where are you located?", "We are at"),
    ),
    Story(
        language="pt-BR",
        file="takeover.pt-BR.png",
        name="Ana",
        phone="5511988887777",
        captions=(
            ("O assistente responde", "Um modelo Rasa treinado escreve."),
            ("Uma pessoa assume", "A partir daí ele fica em silêncio."),
            ("Devolvida, ele continua", "Sabendo o que foi dito no meio."),
        ),
        footer="A página de telefones de ./baton run. O emulador, nesta máquina, faz o papel da Meta.",
        greeting=("Oi!", "Olá!"),
        question=("vocês entregam na Vila Nova?", "Sim, entregamos"),
        complaint=("meu pedido veio errado", "Sinto muito"),
        yes=("Sim, chamar alguém", "Certo, chamei"),
        reply="Oi Ana, aqui é a Marina. Desculpe! A pizza certa sai em cinco minutos, por nossa conta. 🍕",
        thanks="Nossa, obrigada Marina!",
        later=("qual o endereço de vocês?", "Estamos em"),
    ),
)

PAGE = """<!doctype html><meta charset="utf-8"><style>
  body { margin: 0; padding: 36px 40px 40px; background: #f3f6f4; color: #14231f; width: 1340px; box-sizing: border-box;
         font: 18px/1.4 system-ui, "Liberation Sans", Arial, sans-serif; }
  main { display: grid; grid-template-columns: repeat(3, 400px); gap: 30px; }
  h2 { margin: 0; font-size: 24px; letter-spacing: -.01em; display: flex; align-items: center; gap: 12px; }
  h2 b { flex: none; width: 34px; height: 34px; border-radius: 50%; background: #0a6b58; color: #fff;
         display: grid; place-items: center; font-size: 18px; }
  p { margin: 2px 0 16px 46px; color: #5b6b66; }
  img { width: 400px; display: block; }
  footer { margin-top: 18px; text-align: center; color: #5b6b66; font-size: 16px; }
</style><main></main><footer></footer>"""


class Product:
    """`./baton run` with a state folder and ports of its own."""

    def __init__(self, home: str) -> None:
        self.port, self.emulator_port = _free_port(), _free_port()
        env = {**os.environ, "BATON_HOME": home, "PORT": str(self.port), "EMULATOR_PORT": str(self.emulator_port)}
        env.pop("PYTHONDONTWRITEBYTECODE", None)
        self._run = [sys.executable, "-m", "app.cli"]
        self._env = env
        self.process = subprocess.Popen([*self._run, "run"], cwd=ROOT, env=env, text=True, stdout=subprocess.PIPE)
        assert self.process.stdout is not None
        for line in self.process.stdout:
            print(line, end="")
            if "The assistant answers." in line:
                break
        told = subprocess.run(
            [*self._run, "operator", "add", "Marina", "--role", "admin", "--json"],
            cwd=ROOT,
            env=env,
            text=True,
            capture_output=True,
            check=True,
        )
        self._marina = json.loads(told.stdout)["token"]

    def marina(self, customer: str, command: str, **body: str) -> None:
        """Marina works at the desk: take, reply, release."""
        base = f"http://127.0.0.1:{self.port}/api/v1/conversations"
        found = self._ask("GET", f"{base}?account={ACCOUNT}&address={customer}")["items"][0]
        self._ask("POST", f"{base}/{found['id']}/{command}", body)

    def _ask(self, method: str, url: str, body: Any = None) -> Any:
        headers = {"Authorization": f"Bearer {self._marina}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        with urlopen(Request(url, data, headers, method=method), timeout=15) as answer:
            return json.load(answer)

    def stop(self) -> None:
        self.process.send_signal(signal.SIGINT)
        self.process.communicate(timeout=60)


def play(browser: Any, product: Product, story: Story) -> list[bytes]:
    """The conversation in the browser; a picture of the phone after each of the three scenes."""
    page = browser.new_context(
        locale=story.language, viewport={"width": 1000, "height": 960}, device_scale_factor=2
    ).new_page()
    page.goto(f"http://127.0.0.1:{product.emulator_port}/")
    phone = page.locator(f'[data-phone="{story.phone}"]')

    def says(text: str) -> None:
        phone.locator('[data-role="input"]').fill(text)
        phone.locator('[data-role="input"]').press("Enter")
        phone.locator('[data-by="customer"]', has_text=text).last.wait_for()

    def hears(beginning: str) -> None:
        phone.locator('[data-by="business"]', has_text=beginning).last.wait_for()

    def owner_is(state: str) -> None:
        phone.locator(f'[data-role="owner"][data-state="{state}"]').wait_for()

    def picture() -> bytes:
        phone.locator('[data-role="input"]').blur()
        phone.locator('[data-role="messages"]').evaluate("box => { box.scrollTop = box.scrollHeight }")
        phone.locator('[data-by="customer"]:not([data-status="sending"])').last.wait_for()
        page.wait_for_timeout(600)  # for ticks and fading, which nothing else tells
        return bytes(phone.screenshot(animations="disabled"))

    scenes = []
    says(story.greeting[0])
    hears(story.greeting[1])
    says(story.question[0])
    hears(story.question[1])
    owner_is("bot")
    scenes.append(picture())

    says(story.complaint[0])
    hears(story.complaint[1])
    phone.locator('[data-role="choice"]', has_text=story.yes[0]).click()
    hears(story.yes[1])
    product.marina(story.phone, "take")
    owner_is("human")
    product.marina(story.phone, "reply", text=story.reply)
    hears(story.reply[:20])
    says(story.thanks)
    scenes.append(picture())

    product.marina(story.phone, "release")
    owner_is("bot")
    says(story.later[0])
    hears(story.later[1])
    scenes.append(picture())
    return scenes


def compose(browser: Any, story: Story, scenes: list[bytes], to: Path) -> None:
    page = browser.new_context(viewport={"width": 1340, "height": 900}, device_scale_factor=1.5).new_page()
    page.set_content(PAGE)
    panels = [
        [*caption, base64.b64encode(scene).decode()] for caption, scene in zip(story.captions, scenes, strict=True)
    ]
    page.evaluate(
        """panels => document.querySelector("main").append(...panels.map(([title, note, png], n) => {
             const panel = document.createElement("section");
             const make = (tag, text) => Object.assign(document.createElement(tag), { textContent: text });
             const heading = make("h2", title);
             heading.prepend(make("b", String(n + 1)));
             const image = Object.assign(new Image(), { src: "data:image/png;base64," + png });
             panel.append(heading, make("p", note), image);
             return panel;
           }))""",
        panels,
    )
    page.locator("footer").evaluate("(node, text) => { node.textContent = text }", story.footer)
    page.wait_for_function("[...document.images].every(image => image.complete)")
    page.locator("body").screenshot(path=str(to))
    print(f"Made {to.relative_to(ROOT)} ({to.stat().st_size // 1024} KB).")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main() -> None:
    chromium = os.environ.get("BATON_CHROMIUM") or shutil.which("chromium")
    with tempfile.TemporaryDirectory() as home:
        product = Product(home)
        try:
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
                for story in STORIES:
                    compose(browser, story, play(browser, product, story), HERE / story.file)
                browser.close()
        finally:
            product.stop()


if __name__ == "__main__":
    main()
