"""A voice menu as a coroutine: one for each call, however many there are at a time. Runs in virtual time, with simulated callers.

python ivr_bot.py [CALLERS]
"""

import asyncio
import sys
from collections import Counter
from typing import Any

import callcore

DESKS = {"1": "queue:support", "2": "extension:1001"}
FIRST_DIGIT = 8.0


async def key(digits: callcore.Events, prompt: callcore.Request[Any]) -> str:
    """The key that the caller presses, during the prompt or soon after it; empty: none."""
    pressed = asyncio.ensure_future(anext(digits))
    playing = asyncio.ensure_future(prompt_over(prompt))
    await asyncio.wait([pressed, playing], return_when=asyncio.FIRST_COMPLETED)
    playing.cancel()
    try:
        return (await asyncio.wait_for(pressed, FIRST_DIGIT)).text
    except TimeoutError:
        return ""


async def prompt_over(prompt: callcore.Request[Any]) -> None:
    """The prompt's end; cancelled, it stops the prompt."""
    await prompt


async def menu(call: callcore.Call) -> str:
    """One call's way; what became of it."""
    digits = call.events(kinds=[callcore.Digit])
    await call.answer()
    for prompt in ("welcome", "no_key"):
        pressed = await key(digits, call.play(prompt, "menu"))
        if pressed in DESKS:
            await call.send(DESKS[pressed])
            return DESKS[pressed]
    await call.play("goodbye")
    await call.drop()
    return "nothing chosen"
